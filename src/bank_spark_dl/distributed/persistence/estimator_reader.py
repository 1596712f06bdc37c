"""Loading an estimator's parameters, and saying so when a path holds something else."""

from typing import Any

from pyspark.errors import PySparkException
from pyspark.ml.util import DefaultParamsReader
from pyspark.sql import SparkSession

from bank_spark_dl.errors import InputDataError


class EstimatorReader(DefaultParamsReader):  # type: ignore[type-arg]
    """Spark ML's reader of parameters, for one class."""

    def __init__(self, cls: type[Any]) -> None:
        """Take the class to build."""
        super().__init__(cls)
        self._name = f"{cls.__module__}.{cls.__name__}"

    def load(self, path: str) -> Any:
        """Read an estimator.

        Raises:
            InputDataError: Nothing that Spark ML has saved lies there, or something else.
        """
        try:
            metadata = self.loadMetadata(path, SparkSession.builder.getOrCreate())
        except (PySparkException, TypeError, KeyError, ValueError) as error:
            raise InputDataError(
                f"There is no saved ElephasClassifier at {path}: check the path."
            ) from error
        found = metadata["class"]
        if found != self._name:
            kind = found.rsplit(".", 1)[-1]
            raise InputDataError(
                f"{path} holds a saved {kind} and no ElephasClassifier: load it with "
                f"{kind}.load(path)."
            )
        return super().load(path)
