import os
from collections.abc import Iterable, Iterator
from uuid import uuid4

import pytest
from pyspark.sql import SparkSession
from tests.processes import command_line, process_tree

from bank_spark_dl.distributed.runtime import worker_pool as pool

DAEMON = "bank_spark_dl.distributed.runtime.worker_daemon"


def parent_and_modules(_: Iterable[int]) -> Iterator[tuple[int, bool]]:
    import sys

    yield os.getppid(), "tensorflow" in sys.modules


def daemons() -> set[int]:
    """Processes below this one that run the engine's daemon, or were forked from it."""
    return {pid for pid in process_tree(os.getpid()) if DAEMON in command_line(pid)}


def test_training_finds_the_pool_warm(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    # Another variable, another pool: one that no other test has started.
    monkeypatch.setitem(pool._TRAINING_ENVIRONMENT, "TEST_POOL", uuid4().hex)
    before = daemons()
    pool.prewarm(spark).join()
    started = daemons() - before
    in_pool = pool.in_training_pool(spark.sparkContext.parallelize([0], 1))
    rows = in_pool.mapPartitions(parent_and_modules).collect()
    (parent, has_tensorflow), *_ = rows
    assert parent in started
    assert has_tensorflow


def test_other_work_has_no_tensorflow(spark: SparkSession) -> None:
    rows = spark.sparkContext.parallelize([0], 1).mapPartitions(parent_and_modules).collect()
    assert rows[0][1] is False
