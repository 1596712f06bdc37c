import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark import session
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


def test_names_of_columns_are_taken_as_they_are(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(1, 2, 3)], "`Age` int, `age` int, `${spark.master}` int")
    assert rows.selectExpr("Age", "age", "`${spark.master}`").first() == (1, 2, 3)


def test_a_master_that_only_spark_chose_is_refused(spark: SparkSession) -> None:
    with pytest.raises(SurroundingsError, match="No cluster is named"):
        start_spark({"spark.master": None})


def test_java_starts_with_the_options_of_spark_yml(spark: SparkSession) -> None:
    """The test environment's own, which replace those of base."""
    beans = spark._jvm.java.lang.management.ManagementFactory
    options = list(beans.getRuntimeMXBean().getInputArguments())
    assert "-XX:TieredStopAtLevel=1" in options
    assert "-XX:+UseParallelGC" not in options


def test_java_has_the_standard_error_that_is_replaced_after_it_started() -> None:
    """TensorFlow's import takes the standard error away, and must not take Java's."""
    program = """
import os
from bank_spark_dl.spark.session import start_spark

session = start_spark({"spark.master": "local[1]"}, lambda: os.dup2(1, 2))
session._jvm.System.err.println("said by Java")
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert "said by Java" in run.stderr
    assert "said by Java" not in run.stdout


def run_python(program: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    return run.stdout


def test_the_session_uses_java_that_was_launched_before() -> None:
    said = run_python("""
from bank_spark_dl.spark import session
from pyspark import SparkContext

settings = {"spark.master": "local[1]", "spark.driver.memory": "600m", "spark.ui.enabled": "false"}
session.launch_early(settings)
session._launching.result()
java = SparkContext._gateway
spark = session.start_spark(settings)
print(java is not None and spark.sparkContext._gateway is java, spark.range(3).count())
""")
    assert said.split() == ["True", "3"]


def test_a_program_that_ends_while_java_starts_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run_python("""
import time
from pathlib import Path
from tempfile import gettempdir

from bank_spark_dl.spark.session import launch_early

launch_early({"spark.master": "local[1]"})
while not any(Path(gettempdir()).glob("tmp*")):  # where Java writes its port
    time.sleep(0.01)
""")
    assert not list(tmp_path.glob("tmp*"))


def test_what_stops_java_is_said_when_the_session_starts() -> None:
    said = run_python("""
from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark import session

two_collectors = "-XX:+UseSerialGC -XX:+UseG1GC"
settings = {"spark.master": "local[1]", "spark.driver.defaultJavaOptions": two_collectors}
session.launch_early(settings)
assert session._launching is not None
try:
    session.start_spark(settings)
except SurroundingsError as error:
    print(error)
""")
    assert said.count("Multiple garbage collectors") == 1  # Java says it
    assert "Spark did not start with" in said


def test_a_launch_that_ends_the_program_ends_the_start_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """PySpark calls sys.exit where it finds no Spark; nobody may wait for Java then."""

    def exits(*_: object) -> None:
        sys.exit("no Spark")

    monkeypatch.setattr(session, "_launch_jvm", exits)
    monkeypatch.setattr(session, "_launching", Future())
    session._launch({"spark.master": "local[1]"}, session._launching)
    with pytest.raises(SystemExit, match="no Spark"):
        start_spark({"spark.master": "local[1]"})
