"""Score the rows of a DataFrame without a join.

`score_column` sends only the features to Python, in Arrow batches, and returns one number for each
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
from pyspark.sql.types import DoubleType, StructField, StructType

from bank_spark_dl.distributed.data.row_check import NO_PROBABILITY, find_row_errors
from bank_spark_dl.distributed.inference.numpy_forward import Forward, forward_pass
from bank_spark_dl.distributed.inference.probability import positive_probability

_SMALLEST = 1e-300
"""Bounds the logarithm of a probability of 0."""


@dataclass(frozen=True)
class Scorer:
    """What Python workers need to score, as plain values.

    A row's score is its probability of label 1 or a negative error code, see `find_row_errors`.

    Attributes:
        num_features: Features the network takes.
        keras_model_config: Network as Keras JSON.
        weights: Its weights in layer order.
    """

    num_features: int
    keras_model_config: str
    weights: list[npt.NDArray[Any]]

    def score_series(self, batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        """Score series of arrays; a function for `pandas_udf`."""
        forward = forward_pass(self.keras_model_config, self.weights)
        for batch in batches:
            rows = [_NOTHING if row is None else row for row in batch]
            values: npt.NDArray[np.float32] = np.concatenate([_NOTHING, *rows])
            widths = np.fromiter(map(len, rows), np.int64, len(rows))
            widths[batch.isna()] = -1
            yield pd.Series(self._score(values, widths, forward))

    def score_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Replace the last column, the features, by the score; for `mapInArrow`."""
        forward = forward_pass(self.keras_model_config, self.weights)
        for batch in batches:
            *selected, rows = batch.columns
            values = rows.flatten().to_numpy(zero_copy_only=False)
            widths = rows.value_lengths().fill_null(-1).to_numpy().astype(np.int64)
            scores = pa.array(self._score(values, widths, forward))
            yield pa.RecordBatch.from_arrays([*selected, scores], batch.schema.names)

    def _score(
        self, values: npt.NDArray[np.float32], widths: npt.NDArray[np.int64], forward: Forward
    ) -> npt.NDArray[np.float64]:
        """Score rows whose values are given one row after the other, see `find_row_errors`."""
        errors = find_row_errors(values, widths, self.num_features)
        valid = errors == 0
        if not valid.all():
            values = values[np.repeat(valid, np.maximum(widths, 0))]
        scores = -errors.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # reported as an error of the row
            positive = positive_probability(forward(values.reshape(-1, self.num_features)))
        scores[valid] = np.where((positive >= 0) & (positive <= 1), positive, -NO_PROBABILITY)
        return scores


_NOTHING = np.empty(0, np.float32)


def score_column(features: Column, scorer: Scorer) -> Column:
    """Return the scores of rows of features, (n_features,) float32, as a column of double."""

    def score(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        return scorer.score_series(batches)

    scored: Any = pandas_udf(score, "double")  # type: ignore[call-overload]
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
    schema = StructType([*fields, StructField(last.name, DoubleType())])
    return chosen.mapInArrow(scorer.score_batches, schema)


def prediction_vectors(positive: Column) -> tuple[Column, Column]:
    """Turn the probability of label 1 into the vectors `rawPrediction` and `probability`."""
    pair = (1 - positive, positive)
    raw = array_to_vector(sf.array(*(sf.log(sf.greatest(p, sf.lit(_SMALLEST))) for p in pair)))
    return raw, array_to_vector(sf.array(*pair))
