"""Bits of the weights on Spark's own standalone cluster, and when parts of it are killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.java import supported_java
from tests.integration.cluster_training import make_classifier, make_frame

ROOT = Path(__file__).parents[2]
with supported_java():
    ENVIRONMENT = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }


@dataclass
class Cluster:
    master: str
    workers: list[subprocess.Popen[bytes]]

    def executors(self) -> list[int]:
        """Process ids of the executors' Java machines."""
        return [child for worker in self.workers for child in children(worker.pid)]


def children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(service: str, *arguments: str) -> subprocess.Popen[bytes]:
    spark_class = Path(pyspark.__file__).parent / "bin" / "spark-class"
    command = [str(spark_class), f"org.apache.spark.deploy.{service}", *arguments]
    return subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"Nothing listens on port {port}.")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    port = free_port()
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    processes = [start("master.Master", *here, "--port", str(port))]
    try:
        wait_until_listening(port)
        master = f"spark://127.0.0.1:{port}"
        for number in range(2):
            folder = str(tmp_path_factory.mktemp(f"worker-{number}"))
            options = ("--cores", "1", "--memory", "1g", "--work-dir", folder)
            processes.append(start("worker.Worker", *here, *options, master))
        yield Cluster(master, processes[1:])
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


@contextmanager
def driver(cluster: Cluster, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.cluster_training", cluster.master]
    process = subprocess.Popen(
        [*command, *arguments],
        env=ENVIRONMENT,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


@pytest.fixture(scope="module")
def local_sha256(spark: SparkSession) -> str:
    return str(make_classifier().fit(make_frame(spark, 8_000)).history.weights_sha256)


def test_cluster_and_killed_executor_give_the_same_bits(
    cluster: Cluster, local_sha256: str
) -> None:
    hashes = []
    with driver(cluster, "2") as process:
        for event in events(process):
            if event == {"training": 1, "round": 1}:
                os.kill(cluster.executors()[0], signal.SIGKILL)
            if "sha256" in event:
                hashes.append(event["sha256"])
        assert process.wait() == 0
    assert hashes == [local_sha256, local_sha256]


def test_killed_driver_resumes_to_the_same_bits(
    cluster: Cluster, local_sha256: str, tmp_path: Path
) -> None:
    with driver(cluster, "1", str(tmp_path)) as process:
        for event in events(process):
            if event["round"] == 1:
                process.send_signal(signal.SIGKILL)
                break
    with driver(cluster, "1", str(tmp_path)) as process:
        resumed = list(events(process))
    # Round 2 had been merged and kept when round 1's validation was reported, or was in the making.
    assert resumed[0]["round"] in (1, 2)
    assert [event["round"] for event in resumed[:-1]] == list(range(resumed[0]["round"], 5))
    assert resumed[-1]["sha256"] == local_sha256
