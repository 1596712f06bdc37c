import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark.session import active_spark, refuse_spark_connect, start_spark


@pytest.mark.parametrize(
    ("variables", "settings"),
    [
        pytest.param({"SPARK_REMOTE": "sc://127.0.0.1"}, {}, id="SPARK_REMOTE"),
        pytest.param({"SPARK_CONNECT_MODE_ENABLED": "1"}, {}, id="connect-mode"),
        pytest.param({}, {"spark.remote": "sc://127.0.0.1"}, id="spark.remote"),
        pytest.param({}, {"spark.api.mode": "connect"}, id="spark.api.mode"),
    ],
)
def test_spark_connect_is_refused(
    variables: dict[str, str], settings: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SurroundingsError, match="Elephas trains on RDDs"):
        refuse_spark_connect(settings)


def test_a_classic_setting_is_accepted() -> None:
    refuse_spark_connect({"spark.master": "local[*]", "spark.api.mode": "classic"})


def test_the_session_is_the_active_one(spark: SparkSession) -> None:
    assert active_spark() is spark


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


def test_names_of_columns_are_taken_as_they_are(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(1, 2, 3)], "`Age` int, `age` int, `${spark.master}` int")
    assert rows.selectExpr("Age", "age", "`${spark.master}`").first() == (1, 2, 3)


def test_a_master_that_only_spark_chose_is_refused(spark: SparkSession) -> None:
    with pytest.raises(SurroundingsError, match="No cluster is named"):
        start_spark({"spark.master": None})
