"""Load an estimator's parameters, and say so when a path holds something else."""

from typing import Any

from pyspark.ml.util import DefaultParamsReader
from pyspark.sql import SparkSession

from bank_spark_dl.distributed.persistence.metadata import load_metadata


class EstimatorReader(DefaultParamsReader):  # type: ignore[type-arg]
    """Spark ML's reader of parameters, for one class."""

    def __init__(self, cls: type[Any]) -> None:
        """Take the class to build."""
        super().__init__(cls)
        self._wanted = cls.__name__

    def load(self, path: str) -> Any:
        """Read an estimator.

        Raises:
            InputDataError: Nothing that Spark ML has saved lies there, or something else.
        """
        load_metadata(SparkSession.builder.getOrCreate(), path, self._wanted)
        return super().load(path)
