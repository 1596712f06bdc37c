"""One of many trainings, and what it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.spark.caching import unpersist


def transform(model: Any, rows: DataFrame) -> DataFrame:
    """Return what a model makes of rows."""
    predicted: DataFrame = model.transform(rows)
    return predicted


@dataclass(frozen=True)
class Training:
    """One of many trainings.

    Attributes:
        estimator: `ElephasClassifier`, `ElephasRegressor`, or another object whose `fit` takes the
            rows to train on; or a function that makes it, once the split is known.
        splitter: Divides the frame into rows to train on and rows to predict, for example a
            `HoldOut`. Trainings whose splitters are equal share the rows.
        predict: Predicts the rows that are held out.
    """

    estimator: Any
    splitter: Splitter
    predict: Callable[[Any, DataFrame], DataFrame] = transform

    def estimator_for(self, split: Split) -> Any:
        """Return the estimator."""
        return self.estimator if hasattr(self.estimator, "fit") else self.estimator(split)


@dataclass(frozen=True)
class TrainingResult:
    """What a training has given.

    Attributes:
        model: The fitted model; that of a network has its `history`.
        predictions: Of the rows held out, persisted until `unpersist`.
        seconds: Time that fitting took, in seconds; of a network after its rows were laid out.
    """

    model: Any
    predictions: DataFrame
    seconds: float

    def unpersist(self) -> None:
        """Free the memory of the predictions; later queries compute them again."""
        unpersist(self.predictions)
