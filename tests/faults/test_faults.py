"""What machines do to runs: each goes on to the same result, or ends in one sentence."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.faults.runs import Run, look_at, start_run
from tests.spark_cluster import SETTINGS, Cluster, children, running_cluster

pytestmark = pytest.mark.faults
TWO_WORKERS = "elephas.num_workers=2"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights' hash of a run that nothing happens to."""
    folder = tmp_path_factory.mktemp("expected")
    run = start_run(folder / "log", f"--params=data_root={folder}/data,{TWO_WORKERS}")
    assert run.ends() == 0, run.printed()[-3000:]
    return weights_sha256(folder / "data")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def on_cluster(cluster: Cluster, data: Path, **settings: str) -> Run:
    named = {f"spark.{key.replace('_', '.')}": value for key, value in settings.items()}
    return start_run(
        data.with_name("log"),
        f"--params=data_root={data},{TWO_WORKERS}",
        settings=SETTINGS | {"spark.master": cluster.address} | named,
    )


def weights_sha256(data: Path) -> str:
    history = json.loads((data / "06_models/training_history.json").read_text())
    return str(history["weights_sha256"])


def ended_in_a_sentence(run: Run, sentence: str) -> None:
    status, printed = run.ends(), re.sub(r"\s+", " ", run.printed())
    assert status == 1, printed[-3000:]
    assert re.sub(r"\s+", " ", sentence) in printed, printed[-3000:]
    assert "Traceback" not in printed, printed[-6000:]


@pytest.mark.parametrize("step", ["fit_feature_model", "train_network", "predict_rows"])
def test_a_killed_executor_changes_nothing(
    cluster: Cluster, data: Path, expected: str, step: str
) -> None:
    """An executor of a cluster of two is killed | goes on to the same weights, bit for bit"""
    run = on_cluster(cluster, data)
    run.wait_for(f": {step}")
    time.sleep(1)
    os.kill(cluster.executors()[0], signal.SIGKILL)
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected
    assert "report.html" in look_at(data)


def test_a_killed_worker_process_changes_nothing(
    cluster: Cluster, data: Path, expected: str
) -> None:
    """All training processes are killed, as the system does without memory | same weights"""
    run = on_cluster(cluster, data)
    run.wait_for("Training on")
    kill_forks(cluster.executors())
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected


def test_a_worker_process_killed_on_one_machine_changes_nothing(data: Path, expected: str) -> None:
    """All training processes of a run without a cluster are killed | same weights"""
    run = start_run(data.with_name("log"), f"--params=data_root={data},{TWO_WORKERS}")
    run.wait_for("Training on")
    kill_forks(run.processes("org.apache.spark.deploy.SparkSubmit"))
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected


def kill_forks(javas: Iterable[int]) -> None:
    daemons = [daemon for java in javas for daemon in children(java)]
    forks = [fork for daemon in daemons for fork in children(daemon)]
    assert forks
    for fork in forks:
        os.kill(fork, signal.SIGKILL)


def test_a_worker_process_without_memory_ends_in_a_sentence(cluster: Cluster, data: Path) -> None:
    """Worker processes may have 200 MB only | ends in one sentence, outputs whole"""
    run = on_cluster(cluster, data, executor_pyspark_memory="200m")
    ended_in_a_sentence(run, "A Python worker was killed, most likely by the system because")
    assert "report.html" not in look_at(data)


def test_a_master_that_is_gone_changes_nothing(cluster: Cluster, data: Path, expected: str) -> None:
    """The cluster's master is killed | same weights"""
    run = on_cluster(cluster, data)
    run.wait_for(": make_features")
    cluster.master.kill()
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected


def test_a_lost_spark_ends_in_a_sentence(data: Path) -> None:
    """Spark's own process is killed | ends in one sentence, outputs whole"""
    run = start_run(data.with_name("log"), f"--params=data_root={data}")
    run.wait_for(": make_features")
    (java,) = run.processes("org.apache.spark.deploy.SparkSubmit")
    os.kill(java, signal.SIGKILL)
    ended_in_a_sentence(run, "Spark stopped in the middle of the run: it was killed")
    look_at(data)


@pytest.mark.parametrize(
    "step", [" Starting Spark", ": clean_rows", ": train_network", ": predict_rows"]
)
def test_ctrl_c_ends_in_a_sentence(data: Path, step: str) -> None:
    """Ctrl-C | ends in one sentence, outputs whole"""
    run = start_run(data.with_name("log"), f"--params=data_root={data}")
    run.wait_for(step)
    time.sleep(0.5)
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.ends() == 130, run.printed()[-3000:]
    assert "Stopped by Ctrl-C. Every dataset is whole" in run.printed()
    assert "Traceback" not in run.printed()
    assert "report.html" not in look_at(data)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no right to mount a small disk: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_in_a_sentence(small_disk: Path) -> None:
    """The disk is full | ends in one sentence, outputs whole"""
    run = start_run(small_disk.with_name("log"), f"--params=data_root={small_disk}")
    ended_in_a_sentence(run, "The disk is full")
    assert "bank_clean.parquet" in look_at(small_disk)
