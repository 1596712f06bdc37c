"""The section `synthetic`: rows that the generator draws."""

from typing import Annotated

from pydantic import Field

from bank_spark_dl.parameters.fields import Name, Section


class SyntheticOptions(Section):
    """Rows that the generator draws, and where the catalog's `synthetic_rows` writes them.

    Attributes:
        rows: Number of rows, at least 1.
        seed: The same seed gives the same rows; at least 0.
        path: Path of the CSV.
    """

    rows: Annotated[int, Field(ge=1, lt=2**31)]  # ids are 32-bit integers
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    path: Name
