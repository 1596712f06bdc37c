"""Score the rows of a DataFrame without a join.

`score_column` sends only the features to Python, in Arrow batches, and returns a score for each
row. `score_with_columns` also sends a few other columns and returns them, which is faster: Arrow's
arrays need no object for each row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import ArrayType, DataType, DoubleType, StructField, StructType

from bank_spark_dl.distributed.data.row_check import NO_PREDICTION, NO_PROBABILITY, find_row_errors
from bank_spark_dl.distributed.inference.numpy_forward import Forward, forward_pass
from bank_spark_dl.distributed.inference.probability import (
    class_probabilities,
    positive_probability,
    predicted_numbers,
    tempered,
)

_SMALLEST = 1e-300
"""Bounds the logarithm of a probability of 0."""


@dataclass(frozen=True)
class Scorer:
    """What Python workers need to score, as plain values.

    With two classes a row's score is its probability of label 1 or a negative error code, see
    `find_row_errors`. Otherwise it is an array: the probabilities of all classes, or the predicted
    number; that of an invalid row has one element more, the error code.

    Attributes:
        num_features: Features the network takes.
        keras_model_config: Network as Keras JSON.
        weights: Its weights in layer order.
        classes: Number of classes; None: the network predicts a number.
        slope: Of the calibration of more than two classes.
    """

    num_features: int
    keras_model_config: str
    weights: list[npt.NDArray[Any]]
    classes: int | None = 2
    slope: float = 1.0

    @property
    def score_type(self) -> DataType:
        """Spark's type of a score."""
        return DoubleType() if self.classes == 2 else ArrayType(DoubleType())

    def score_series(self, batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        """Score series of arrays; a function for `pandas_udf`."""
        forward = forward_pass(self.keras_model_config, self.weights)
        for batch in batches:
            rows = [_NOTHING if row is None else row for row in batch]
            values: npt.NDArray[np.float32] = np.concatenate([_NOTHING, *rows])
            widths = np.fromiter(map(len, rows), np.int64, len(rows))
            widths[batch.isna()] = -1
            yield self._score(values, widths, forward).to_pandas()

    def score_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Replace the last column, the features, by the score; for `mapInArrow`."""
        forward = forward_pass(self.keras_model_config, self.weights)
        for batch in batches:
            *selected, rows = batch.columns
            values = rows.flatten().to_numpy(zero_copy_only=False)
            widths = rows.value_lengths().fill_null(-1).to_numpy().astype(np.int64)
            scores = self._score(values, widths, forward)
            yield pa.RecordBatch.from_arrays([*selected, scores], batch.schema.names)

    def _score(
        self, values: npt.NDArray[np.float32], widths: npt.NDArray[np.int64], forward: Forward
    ) -> pa.Array:
        """Score rows whose values are given one row after the other, see `find_row_errors`."""
        errors = find_row_errors(values, widths, self.num_features)
        valid = errors == 0
        if not valid.all():
            values = values[np.repeat(valid, np.maximum(widths, 0))]
        with np.errstate(over="ignore", invalid="ignore"):  # reported as an error of the row
            outputs = forward(values.reshape(-1, self.num_features))
            if self.classes == 2:
                return pa.array(_positive_scores(outputs, errors))
            return _array_scores(self._predictions(outputs), errors)

    def _predictions(self, outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return (rows, classes) or (rows, 1); NaN in rows for which there is no prediction."""
        if self.classes is None:
            return predicted_numbers(outputs)[:, np.newaxis]
        shares = class_probabilities(outputs)
        shares[~((shares >= 0) & (shares <= 1)).all(axis=1)] = np.nan
        return shares if self.slope == 1 else tempered(shares, self.slope)


def _positive_scores(
    outputs: npt.NDArray[np.float32], errors: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    scores = -errors.astype(np.float64)
    positive = positive_probability(outputs)
    known = (positive >= 0) & (positive <= 1)
    scores[errors == 0] = np.where(known, positive, -NO_PROBABILITY)
    return scores


def _array_scores(
    predictions: npt.NDArray[np.float64], errors: npt.NDArray[np.int64]
) -> pa.ListArray:
    """Return an array for each row: its predictions, or as many zeros and an error code."""
    found = errors.copy()
    found[errors == 0] = np.where(np.isfinite(predictions).all(axis=1), 0, NO_PREDICTION)
    table = np.zeros((len(errors), predictions.shape[1] + 1))
    table[errors == 0, :-1] = predictions
    table[:, -1] = found
    stated = np.ones(table.shape, dtype=bool)
    stated[:, -1] = found != 0
    offsets = np.concatenate([[0], np.cumsum(stated.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(table[stated]))


_NOTHING = np.empty(0, np.float32)


def score_column(features: Column, scorer: Scorer) -> Column:
    """Return the scores of rows of features, (n_features,) float32, as a column."""

    def score(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        return scorer.score_series(batches)

    scored: Any = pandas_udf(score, scorer.score_type)  # type: ignore[call-overload]
    return scored(features)  # type: ignore[no-any-return]


def score_with_columns(
    frame: DataFrame, features: Column, scorer: Scorer, selected: Sequence[Column]
) -> DataFrame:
    """Return some columns of the rows, then their scores.

    Args:
        frame: Rows to score.
        features: Their features, (n_features,) float32.
        scorer: The network.
        selected: The columns.

    Returns:
        Columns named by their positions, "0", "1", ...: the frame's names may not be unique.
    """
    chosen = frame.select(*selected, features).toDF(*map(str, range(len(selected) + 1)))
    *fields, last = chosen.schema.fields
    schema = StructType([*fields, StructField(last.name, scorer.score_type)])
    return chosen.mapInArrow(scorer.score_batches, schema)


def prediction_vectors(probability: Column) -> tuple[Column, Column]:
    """Turn an array of the classes' probabilities into `rawPrediction` and `probability`."""
    logarithms = sf.transform(probability, lambda p: sf.log(sf.greatest(p, sf.lit(_SMALLEST))))
    return array_to_vector(logarithms), array_to_vector(probability)


def pair_vectors(positive: Column) -> tuple[Column, Column]:
    """Turn the probability of label 1 of two into `rawPrediction` and `probability`."""
    pair = (1 - positive, positive)
    raw = array_to_vector(sf.array(*(sf.log(sf.greatest(p, sf.lit(_SMALLEST))) for p in pair)))
    return raw, array_to_vector(sf.array(*pair))


def predicted_class(probability: Column, thresholds: Sequence[float] | None) -> Column:
    """Return the class that Spark ML predicts, as a double: the first of the largest.

    Args:
        probability: Array of the classes' probabilities.
        thresholds: Probabilities are divided by these. The class whose threshold is 0 is predicted
            unless its probability is 0.
    """
    stated = probability
    if thresholds is not None:
        stated = sf.zip_with(
            probability,
            sf.lit([float(threshold) for threshold in thresholds]),
            lambda p, t: (
                sf.when(t > 0, p / t).when(p > 0, sf.lit(float("inf"))).otherwise(sf.lit(-1.0))
            ),
        )
    return (sf.array_position(stated, sf.array_max(stated)) - 1).cast("double")
