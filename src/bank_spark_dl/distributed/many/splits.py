"""Divide rows into those that a model is fitted on and those that it predicts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.ml import Pipeline
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf


@dataclass(frozen=True)
class Split:
    """The rows of a training.

    Attributes:
        train: Vectors and labels to fit on.
        held_out: Vectors of the rows to predict.
    """

    train: DataFrame
    held_out: DataFrame


Splitter = Callable[[DataFrame], Split]
"""Divides rows. It is compared with `==`: equal ones are called once."""


@dataclass(frozen=True)
class HoldOut:
    """Holds out the rows of a condition, and fits feature stages on the others only.

    Attributes:
        condition: SQL, for example "fold = 2"; a row for which it is null is fitted on.
        stages: Spark ML's feature stages; none where the rows hold vectors.
    """

    condition: str
    stages: tuple[Any, ...] = ()

    def __call__(self, frame: DataFrame) -> Split:
        """Divide the rows and apply the stages."""
        inside = sf.coalesce(sf.expr(self.condition), sf.lit(False))
        train = frame.where(~inside)
        stages = [stage.copy() for stage in self.stages]  # threads may fit the same ones
        fitted = Pipeline(stages=stages).fit(train)
        return Split(fitted.transform(train), fitted.transform(frame.where(inside)))
