"""What happens to a run on one machine: it goes on to the same result, or ends in one sentence."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.runs import (
    TWO_WORKERS,
    ended_in_a_sentence,
    kill_forks,
    look_at,
    start_run,
    weights_sha256,
)

pytestmark = pytest.mark.faults


def test_a_worker_process_killed_on_one_machine_changes_nothing(
    data: Path, expected_sha256: str
) -> None:
    """All training processes of a run without a cluster are killed | same weights"""
    run = start_run(data.with_name("log"), f"--params=data_root={data},{TWO_WORKERS}")
    run.wait_for("Training on")
    kill_forks(run.processes("org.apache.spark.deploy.SparkSubmit"))
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected_sha256


def test_a_lost_spark_ends_in_a_sentence(data: Path) -> None:
    """Spark's own process is killed | ends in one sentence, outputs whole"""
    run = start_run(data.with_name("log"), f"--params=data_root={data}")
    run.wait_for(": make_features")
    (java,) = run.processes("org.apache.spark.deploy.SparkSubmit")
    os.kill(java, signal.SIGKILL)
    ended_in_a_sentence(run, "Spark stopped in the middle of the run: it was killed")
    look_at(data)


@pytest.mark.parametrize("step", [" Starting Spark", ": clean_rows", ": train_network"])
def test_ctrl_c_ends_in_a_sentence(data: Path, step: str) -> None:
    """Ctrl-C | ends in one sentence, outputs whole"""
    run = start_run(data.with_name("log"), f"--params=data_root={data}")
    run.wait_for(step)
    time.sleep(0.5)
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.ends() == 130, run.printed()[-3000:]
    assert "Stopped by Ctrl-C. No dataset was left half-written" in run.printed()
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
