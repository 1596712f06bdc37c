import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark import active_spark, refuse_spark_connect

LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}


def listening_addresses(pid: int) -> set[str]:
    """Local addresses, in hex, of the sockets that a process listens on."""
    links = [link for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    sockets = {re.sub(r"\D", "", target) for target in map(_target, links) if "socket:" in target}
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {line[1].split(":")[0] for line in lines if line[3] == LISTENING and line[9] in sockets}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


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


def test_the_jvm_listens_on_loopback_only(spark: SparkSession) -> None:
    pid = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    addresses = listening_addresses(pid)
    assert addresses
    assert addresses <= LOOPBACK
