"""Convert a column of features to arrays of float, as Python receives them."""

from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.frame_columns import features_field
from bank_spark_dl.spark.sql import quoted


def feature_array(frame: DataFrame, name: str) -> Column:
    """Return a column of a frame, vectors or arrays of numbers, as arrays of float.

    Null stays null.

    Raises:
        ParameterError: There is no such column, or it holds something else.
    """
    features = sf.col(quoted(name))
    if isinstance(features_field(frame, name).dataType, VectorUDT):
        features = sf.when(features.isNotNull(), vector_to_array(features, "float32"))
    return features.cast("array<float>")
