"""Load the metadata that Spark ML saves beside a model or an estimator, and check its class."""

from typing import Any

from pyspark.errors import AnalysisException
from pyspark.ml.util import DefaultParamsReader
from pyspark.sql import SparkSession

from bank_spark_dl.distributed.checksums import Saved
from bank_spark_dl.errors import InputDataError


def saved_at(path: str) -> Saved:
    """Return how error messages name what lies at a path."""
    return Saved(f"The model at {path}", "Save the model again.")


def load_metadata(spark: SparkSession, path: str, wanted: str) -> dict[str, Any]:
    """Load metadata.

    Args:
        spark: A classic session.
        path: The folder something was saved to.
        wanted: Name of the class that it should be of.

    Raises:
        InputDataError: Nothing lies there, or something of another class, or it is damaged.
    """
    try:
        metadata: dict[str, Any] = DefaultParamsReader.loadMetadata(path, spark)
        kind = metadata["class"].rpartition(".")[2]
    except AnalysisException as error:
        if error.getCondition() != "PATH_NOT_FOUND":
            raise
        raise InputDataError(
            f"There is no saved {wanted} at {path}. Give the folder it was saved to."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise saved_at(path).changed("metadata") from error
    if kind != wanted:
        raise InputDataError(
            f"At {path} lies a saved {kind}, not an {wanted}: load it with {kind}.load, or give "
            f"the folder that an {wanted} was saved to."
        )
    return metadata
