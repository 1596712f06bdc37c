"""Scoring a DataFrame: nothing is joined.

`score_frame` sends only the features to Python, as Arrow batches, and only one probability comes
back; all other columns stay where they are. `score_kept` sends the few columns that are to be kept
along, which is faster: Arrow's own arrays need no object for each row. Either way a prediction
cannot land on another row.
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

from bank_spark_dl.distributed.feature_array import feature_array
from bank_spark_dl.distributed.forward import forward_pass
from bank_spark_dl.distributed.probability import positive_probability

_PROBABILITY = "__probability_of_label_1"
_SMALLEST = 1e-300
"""Keeps the logarithm of a probability of 0 finite."""


@dataclass(frozen=True)
class Scorer:
    """What Python workers need to score; it holds plain values only.

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
            values: npt.NDArray[np.float32] = np.concatenate(batch.to_numpy())
            features = self._matrix(values, batch.map(len).to_numpy())
            yield pd.Series(positive_probability(forward(features)))

    def score_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Replace the last column, the features, by the probability; for `mapInArrow`."""
        forward = forward_pass(self.keras_model_config, self.weights)
        for batch in batches:
            *kept, rows = batch.columns
            widths = rows.value_lengths().to_numpy(zero_copy_only=False)
            features = self._matrix(rows.flatten().to_numpy(zero_copy_only=False), widths)
            names = [*batch.schema.names[:-1], _PROBABILITY]
            probability = pa.array(positive_probability(forward(features)))
            yield pa.RecordBatch.from_arrays([*kept, probability], names)

    def _matrix(
        self, values: npt.NDArray[np.float32], widths: npt.NDArray[Any]
    ) -> npt.NDArray[np.float32]:
        """Shape the rows' values, one after the other, as (rows, num_features)."""
        wrong = widths != self.num_features
        if wrong.any():
            raise ValueError(
                f"The network takes {self.num_features} features; a row has {widths[wrong][0]:g}."
            )
        if np.isnan(values).any():
            raise ValueError("A feature is null or not a number, and the network takes neither.")
        return values.reshape(len(widths), self.num_features)


def score_frame(frame: DataFrame, features_col: str, scorer: Scorer) -> DataFrame:
    """Add the probability of label 1 as the column `probability_column()`.

    Args:
        frame: Rows to score.
        features_col: A vector column or an array of numbers.
        scorer: The network.

    Returns:
        The frame with one more column, double in [0, 1].
    """

    def score(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        return scorer.score_series(batches)

    scored: Any = pandas_udf(score, "double")  # type: ignore[call-overload]
    return frame.withColumn(_PROBABILITY, scored(feature_array(frame, features_col)))


def score_kept(
    frame: DataFrame, features_col: str, scorer: Scorer, kept: Sequence[str]
) -> DataFrame:
    """Return some columns of the rows with the probability of label 1, `probability_column()`.

    Args:
        frame: Rows to score.
        features_col: A vector column or an array of numbers.
        scorer: The network.
        kept: Names of the columns.
    """
    columns = (f"`{name.replace('`', '``')}`" for name in kept)
    chosen = frame.select(*columns, feature_array(frame, features_col).alias(_PROBABILITY))
    fields = [*chosen.schema.fields[:-1], StructField(_PROBABILITY, DoubleType())]
    return chosen.mapInArrow(scorer.score_batches, StructType(fields))


def probability_column() -> Column:
    """Probability of label 1 after `score_frame` or `score_kept`."""
    return sf.col(_PROBABILITY)


def both(positive: Column) -> tuple[Column, Column]:
    """Turn the probability of label 1 into raw prediction and probability of both labels."""
    pair = (1 - positive, positive)
    raw = array_to_vector(sf.array(*(sf.log(sf.greatest(p, sf.lit(_SMALLEST))) for p in pair)))
    return raw, array_to_vector(sf.array(*pair))
