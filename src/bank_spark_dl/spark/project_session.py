"""The SparkSession that datasets read and write with."""

import logging
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from bank_spark_dl.errors import SurroundingsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)
_one_at_a_time = Lock()
_settings: Mapping[str, object] | None = None


def keep_settings(settings: Mapping[str, object]) -> None:
    """Keep the settings of `spark.yml` from this process's last Kedro context."""
    global _settings
    _settings = settings


def spark_of_datasets() -> "SparkSession":
    """Return this process's session; start one where there is none, as in a notebook.

    It is stopped when the process ends.

    Raises:
        SurroundingsError: There is none, and no Kedro context says how to start one.
    """
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    with _one_at_a_time:
        try:
            return SparkSession.active()
        except PySparkRuntimeError:
            return _start()


def _start() -> "SparkSession":
    from bank_spark_dl.spark.session import start_spark

    if _settings is None:
        raise SurroundingsError(
            "There is no Spark session, and no spark.yml to start one with. Take the catalog of a "
            "Kedro context (kedro ipython, or %load_ext kedro.ipython in a notebook), or start "
            "Spark before with bank_spark_dl.spark.session.start_spark."
        )
    logger.info("Starting Spark, which this dataset needs, with the settings of spark.yml")
    return start_spark(_settings)
