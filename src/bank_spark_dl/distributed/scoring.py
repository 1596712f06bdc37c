"""Scoring a DataFrame in one projection.

Only the features go to Python, as Arrow batches, and only one probability comes back; all other
columns stay where they are, so a prediction cannot land on another row.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.pandas.functions import pandas_udf

from bank_spark_dl.distributed.forward import forward_pass
from bank_spark_dl.distributed.probability import positive_probability

_PROBABILITY = "__probability_of_label_1"
_SMALLEST = 1e-300
"""Keeps the logarithm of a probability of 0 finite."""


def score_frame(
    frame: DataFrame,
    features_col: str,
    num_features: int,
    keras_model_config: str,
    weights: list[npt.NDArray[Any]],
) -> DataFrame:
    """Add the probability of label 1 as the column `probability_column()`.

    Args:
        frame: Rows to score.
        features_col: A vector column or an array of numbers.
        num_features: Features the network takes.
        keras_model_config: Network as Keras JSON.
        weights: Its weights in layer order.

    Returns:
        The frame with one more column, double in [0, 1].
    """
    features = sf.col(features_col)
    if isinstance(frame.schema[features_col].dataType, VectorUDT):
        features = vector_to_array(features, "float32")
    score: Any = pandas_udf(  # type: ignore[call-overload]
        _score_function(num_features, keras_model_config, weights), "double"
    )
    return frame.withColumn(_PROBABILITY, score(features.cast("array<float>")))


def probability_column() -> Column:
    """Probability of label 1 after `score_frame`."""
    return sf.col(_PROBABILITY)


def both(positive: Column) -> tuple[Column, Column]:
    """Turn the probability of label 1 into raw prediction and probability of both labels."""
    pair = (1 - positive, positive)
    raw = array_to_vector(sf.array(*(sf.log(sf.greatest(p, sf.lit(_SMALLEST))) for p in pair)))
    return raw, array_to_vector(sf.array(*pair))


def _score_function(
    num_features: int, keras_model_config: str, weights: list[npt.NDArray[Any]]
) -> Any:
    """Make the function that Python workers run; it holds plain values only."""

    def score(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        forward = forward_pass(keras_model_config, weights)
        for batch in batches:
            yield pd.Series(positive_probability(forward(_matrix(batch, num_features))))

    return score


def _matrix(batch: pd.Series, num_features: int) -> npt.NDArray[np.float32]:
    """Join a batch's arrays into one matrix (rows, num_features)."""
    widths = {len(row) for row in batch}
    if widths != {num_features}:
        raise ValueError(f"The network takes {num_features} features; a row has {max(widths)}.")
    values: npt.NDArray[np.float32] = np.concatenate(batch.to_numpy())
    return values.reshape(len(batch), num_features)
