"""Spark sessions in programs of their own: what they leave behind, and whose Python works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TWO_SESSIONS = """
from pyspark import SparkContext

from bank_spark_dl.spark.cleanup import idle_worker_monitors
from bank_spark_dl.spark.session import start_spark, stop_spark

for _ in range(2):
    session = start_spark({"spark.master": "local[1]", "spark.ui.enabled": "false"})
    session.sparkContext.parallelize([0], 1).map(abs).count()
    try:
        session.range(1).selectExpr("raise_error('an odd row')").collect()
    except Exception as error:
        assert "an odd row" in str(error)
    jvm = session._jvm
    print(len(idle_worker_monitors(jvm)), end=" ")
    stop_spark(session)
    level = jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel()
    print(len(idle_worker_monitors(jvm)), level.toString())
"""


def test_a_session_leaves_no_thread_no_file_no_trace_and_the_log_as_it_was(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TWO_SESSIONS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.stdout.splitlines() == ["1 0 ERROR", "1 0 ERROR"], done.stderr
    assert "InterruptedException" not in done.stderr
    assert done.stderr.count("an odd row") == 2
    assert "\tat org.apache.spark" not in done.stderr
    assert list(tmp_path.iterdir()) == []


FOUR_SESSIONS = """
import gc
import os
import signal

from pyspark import SparkContext

from bank_spark_dl.spark.session import start_spark, stop_spark

for _ in range(4):
    # Adaptive execution has threads that know a session until they have idled for a minute.
    settings = {"spark.master": "local[1]", "spark.sql.adaptive.enabled": "false"}
    session = start_spark(settings | {"spark.ui.enabled": "false"})
    session.range(3).cache().count()
    stop_spark(session)
del session
gc.collect()
for _ in range(100):  # with each call Py4J lets go of some objects
    SparkContext._jvm.System.gc()
os.kill(SparkContext._gateway.proc.pid, signal.SIGQUIT)
SparkContext._jvm.Thread.sleep(3000)
"""


def test_of_stopped_sessions_the_first_and_the_last_at_most_stay_on_the_heap() -> None:
    """A thread of Hadoop's that began in the first one knows it, and Py4J the last one."""
    command = [sys.executable, "-c", FOUR_SESSIONS]
    done = subprocess.run(
        command,
        env=os.environ | {"JDK_JAVA_OPTIONS": "-XX:+PrintClassHistogram"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "#instances" in done.stdout
    for kind in ("SparkContext", "sql.classic.SparkSession"):
        kept = re.findall(rf"(\d+) +\d+ +org\.apache\.spark\.{kind}\s", done.stdout)
        assert kept in ([], ["1"], ["2"]), done.stdout[-2000:] + done.stderr


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


ARCHIVED = """
import sys
from pathlib import Path

from bank_spark_dl.spark import class_archive
from bank_spark_dl.spark.java import supported_java

class_archive.FOLDER = sys.argv[1]
START = '''
from bank_spark_dl.spark.session import start_spark
spark = start_spark({"spark.master": "local[1]", "spark.ui.enabled": "false"})
spark.range(3).selectExpr("sum(id)").collect()
'''
with supported_java() as java:
    archive = class_archive.class_archive(java)
    if archive is None:
        sys.exit("only Java 17 has one")
    class_archive.write_archive(archive, [sys.executable, "-c", START])
exec(START)
"""


def test_spark_takes_its_classes_from_the_archive(tmp_path: Path) -> None:
    log = tmp_path / "classes_%p.log"
    done = subprocess.run(
        [sys.executable, "-c", ARCHIVED, str(tmp_path)],
        env=os.environ | {"JDK_JAVA_OPTIONS": f"-Xlog:class+load:file={log}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if "only Java 17" in done.stderr:
        pytest.skip("only Java 17 takes Spark's classes from an archive")
    assert done.returncode == 0, done.stderr
    largest = max(tmp_path.glob("*.log"), key=lambda file: file.stat().st_size).read_text()
    archived = largest.count("source: shared objects file (top)")
    assert archived > 5000
    assert largest.count("source: file:") < 0.1 * archived  # out of a jar
