"""Bits of the weights on Spark's own standalone cluster, and when parts of it are killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.distributed.runtime.worker_pool import PRELOAD_VARIABLE
from tests.integration.cluster_training import make_classifier, make_frame
from tests.processes import children
from tests.spark_cluster import ENVIRONMENT, ROOT, Cluster, running_cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@contextmanager
def driver(cluster: Cluster, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.cluster_training", cluster.address]
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


def has_training_pool(executor: int) -> bool:
    variable = f"{PRELOAD_VARIABLE}=1".encode()
    variables = (Path(f"/proc/{child}/environ").read_bytes() for child in children(executor))
    return any(variable in found.split(b"\0") for found in variables)


@pytest.fixture(scope="module")
def local_sha256(spark: SparkSession) -> str:
    return str(make_classifier().fit(make_frame(spark, 8_000)).history.weights_sha256)


def test_cluster_and_killed_executor_give_the_same_bits(
    cluster: Cluster, local_sha256: str
) -> None:
    hashes = []
    with driver(cluster, "2") as process:
        assert next(events(process)) == {"prewarmed": True}
        assert [has_training_pool(pid) for pid in cluster.executors()] == [True, True]
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
            if event.get("round") == 1:
                process.send_signal(signal.SIGKILL)
                break
    with driver(cluster, "1", str(tmp_path)) as process:
        _, *resumed = events(process)
    # Round 2 had been merged and kept when round 1's validation was reported, or was in the making.
    assert resumed[0]["round"] in (1, 2)
    assert [event["round"] for event in resumed[:-1]] == list(range(resumed[0]["round"], 5))
    assert resumed[-1]["sha256"] == local_sha256
