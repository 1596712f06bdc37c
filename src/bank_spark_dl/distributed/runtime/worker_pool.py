"""Train in a pool of Python workers of its own.

Spark keeps one pool of Python processes for each set of environment variables. Training runs in a
pool of its own, so that TensorFlow is loaded there and nowhere else, with its threads fixed: the
order of float additions, and so the bits of the weights, depend on them.
"""

import logging
import os
import sys
from threading import Thread
from typing import Any, TypeVar

from pyspark import RDD, SparkContext
from pyspark.sql import SparkSession

from bank_spark_dl.spark.python_workers import WARM_WORKERS

T = TypeVar("T")

logger = logging.getLogger(__name__)
PRELOAD_VARIABLE = "BANK_SPARK_DL_PRELOAD"

_TRAINING_ENVIRONMENT = {
    PRELOAD_VARIABLE: "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def spark_conf() -> dict[str, str]:
    """Return the Spark settings that the engine needs, for a new session.

    They name the daemon that forks workers with imports done, and the Python that workers run: that
    of `PYSPARK_PYTHON`, else the current one. PySpark reads the setting in `spark-submit` only, so
    the variable is set for this process where it was not.
    """
    python = os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return WARM_WORKERS | {"spark.pyspark.python": python}


class _TrainingContext:
    """A view of a SparkContext with another environment for Python functions.

    The context itself does not change.
    """

    def __init__(self, context: SparkContext) -> None:
        self._context = context
        self.environment = context.environment | _TRAINING_ENVIRONMENT

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


def in_training_pool(rdd: RDD[T]) -> RDD[T]:
    """Return the same rows; Python functions applied to them run in the training pool."""
    view: Any = _TrainingContext(rdd.context)
    return RDD(rdd._jrdd, view, rdd._jrdd_deserializer)


def prewarm(spark: SparkSession) -> Thread:
    """Start the training pool's daemons in the background, so that imports overlap other work.

    Each executor has one, which a task there starts.

    Args:
        spark: The session that will train.

    Returns:
        The started thread; it ends when a worker of each executor has answered. There is no need
        to wait for it, and the first round reports what has failed.
    """
    tasks = max(len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1, 1)
    rows = in_training_pool(spark.sparkContext.parallelize(range(tasks), tasks))

    def run() -> None:
        try:
            rows.mapPartitions(list).count()
        except Exception:
            logger.debug("The training pool was not started beforehand", exc_info=True)

    thread = Thread(target=run, name="prewarm", daemon=True)
    thread.start()
    return thread
