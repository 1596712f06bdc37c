"""Spark's own standalone cluster on loopback: a master and two workers with an executor each."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

from bank_spark_dl.spark.java import supported_java
from tests.processes import children, command_line

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(pyspark.__file__).parent / "bin"
with supported_java():
    ENVIRONMENT = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.executor.memory": "512m",
}
"""What a driver of this cluster needs."""


@dataclass
class Cluster:
    """A running cluster."""

    address: str
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def executors(self) -> list[int]:
        """Process ids of the executors' Java machines.

        A worker can have another child: the ended shell that had put its command together.
        """
        started = [child for worker in self.workers for child in children(worker.pid)]
        return [pid for pid in started if EXECUTOR in command_line(pid)]


@contextmanager
def running_cluster(
    folder: Path, environment: Mapping[str, str] = ENVIRONMENT, memory: str = "1g"
) -> Iterator[Cluster]:
    """Start a cluster whose workers keep their files in a folder; stop it at the end.

    Args:
        folder: Each worker gets a folder in it.
        environment: Of the processes.
        memory: What each worker has for executors.
    """
    port = _free_port()
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    address = f"spark://127.0.0.1:{port}"
    processes = [_start(environment, "master.Master", *here, "--port", str(port))]
    try:
        _wait_until_listening(port)
        for number in range(2):
            options = ("--cores", "1", "--memory", memory, "--work-dir", str(folder / str(number)))
            processes.append(_start(environment, "worker.Worker", *here, *options, address))
        yield Cluster(address, processes[0], processes[1:])
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _start(
    environment: Mapping[str, str], service: str, *arguments: str
) -> subprocess.Popen[bytes]:
    command = [str(PROGRAMS / "spark-class"), f"org.apache.spark.deploy.{service}", *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"Nothing listens on port {port}.")
