import os
import subprocess
from collections.abc import Iterable, Iterator
from uuid import uuid4

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.distributed import pool

DAEMON = "bank_spark_dl.distributed.daemon"


def parent_and_modules(_: Iterable[int]) -> Iterator[tuple[int, bool]]:
    import sys

    yield os.getppid(), "tensorflow" in sys.modules


def daemons() -> set[int]:
    """Processes that run the engine's daemon, or were forked from it."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    return {int(pid) for pid, command in lines if DAEMON in command}


def test_training_finds_the_pool_warm(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", pool.__name__)
    # Another variable, another pool: one that no other test has started.
    monkeypatch.setitem(pool._TRAINING_ENVIRONMENT, "TEST_POOL", uuid4().hex)
    before, started = daemons(), set()
    for _ in range(3):  # a busy machine may refuse once, which the pool forgives and logs
        pool.prewarm(spark).join()
        started |= daemons() - before
    with pool.training_pool(spark.sparkContext):
        rows = spark.sparkContext.parallelize([0], 1).mapPartitions(parent_and_modules).collect()
    (parent, has_tensorflow), *_ = rows
    assert parent in started
    assert has_tensorflow


def test_other_work_has_no_tensorflow(spark: SparkSession) -> None:
    rows = spark.sparkContext.parallelize([0], 1).mapPartitions(parent_and_modules).collect()
    assert rows[0][1] is False
