"""The section `cross_validation`."""

from typing import Annotated

from pydantic import Field

from bank_spark_dl.parameters.fields import Section, Seed


class CrossValidationOptions(Section):
    """How rows are assigned to folds, besides `data.split`.

    Attributes:
        folds: Number of folds, 2 to 100.
        seed: Seed of the assignment.
    """

    folds: Annotated[int, Field(ge=2, le=100)]
    seed: Seed
