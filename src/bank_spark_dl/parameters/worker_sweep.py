"""The section `worker_sweep`: trainings with different numbers of workers."""

from typing import Annotated, Self

from pydantic import Field, PositiveInt, model_validator

from bank_spark_dl.parameters.fields import Section


class WorkerSweepOptions(Section):
    """Trainings that are compared.

    Attributes:
        num_workers: Numbers of workers, 1 among them.
        seeds: Trainings for each number, at least 2: one has no spread.
    """

    num_workers: Annotated[list[PositiveInt], Field(min_length=1)]
    seeds: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _against_one_worker(self) -> Self:
        if 1 not in self.num_workers or len(set(self.num_workers)) < len(self.num_workers):
            raise ValueError("num_workers must hold 1, to compare with, and no number twice")
        return self
