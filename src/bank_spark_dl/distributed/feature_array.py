"""A column of features as the engine sends it to Python."""

from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf


def feature_array(frame: DataFrame, name: str) -> Column:
    """Return a column of a frame, vectors or arrays of numbers, as arrays of float."""
    features = sf.col(name)
    if isinstance(frame.schema[name].dataType, VectorUDT):
        features = vector_to_array(features, "float32")
    return features.cast("array<float>")
