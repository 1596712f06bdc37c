"""The pool of Python workers that train.

Spark keeps one pool of Python processes for each set of environment variables. Training runs in a
pool of its own, so that TensorFlow is loaded there and nowhere else, with its threads fixed: the
order of float additions, and so the bits of the weights, depend on them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from pyspark import SparkContext
from pyspark.sql import SparkSession

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
    """Spark settings the engine wants; it works without them, with slower first rounds."""
    return {"spark.python.daemon.module": "bank_spark_dl.distributed.daemon"}


@contextmanager
def training_pool(context: SparkContext) -> Iterator[None]:
    """Send the Python functions of jobs started in this block to the training pool."""
    before = dict(context.environment)
    context.environment.update(_TRAINING_ENVIRONMENT)
    try:
        yield
    finally:
        context.environment.clear()
        context.environment.update(before)


def prewarm(spark: SparkSession) -> Thread:
    """Start the training pool's daemons in the background, so that imports overlap other work.

    Each executor has one. A task for each of those that have come by now starts it.

    Args:
        spark: The session that will train.

    Returns:
        The started thread; it ends when a worker process of each has answered. Nobody needs to
        wait for it, and a failure shows itself again, with its message, in the first round.
    """
    tasks = max(len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1, 1)
    rdd = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(list)
    with training_pool(spark.sparkContext):
        # The Java side takes its environment here. `rdd.count` would build another one, later.
        job = rdd._jrdd

    def run() -> None:
        try:
            job.count()
        except Exception:
            logger.debug("The training pool was not started beforehand", exc_info=True)

    thread = Thread(target=run, name="prewarm", daemon=True)
    thread.start()
    return thread
