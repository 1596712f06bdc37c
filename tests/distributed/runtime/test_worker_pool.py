import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
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


SCRIPT = """
import sys
from pyspark.sql import SparkSession
from bank_spark_dl.distributed import spark_conf
from bank_spark_dl.spark.java import supported_java
with supported_java():
    conf = spark_conf() | {"spark.master": "local[1]", "spark.ui.enabled": "false"}
    spark = SparkSession.builder.config(map=conf).getOrCreate()
    print(spark.sparkContext.pythonExec)
    rows = spark.sparkContext.parallelize([0], 1)
    print(rows.map(lambda _: __import__("sys").executable).first())
"""


def pythons(**variables: str) -> list[str]:
    """The Python of a program's workers, started by its path with nothing activated."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYSPARK_PYTHON", "VIRTUAL_ENV")}
    bare = kept | {"PATH": "/usr/local/bin:/usr/bin:/bin", **variables}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=bare,
    )
    return run.stdout.split()


def test_spark_conf_names_the_python_that_runs() -> None:
    assert pythons() == [sys.executable] * 2


def test_a_python_that_somebody_names_wins(tmp_path: Path) -> None:
    named = tmp_path / "python"
    named.symlink_to(sys.executable)
    assert pythons(PYSPARK_PYTHON=str(named))[0] == str(named)
