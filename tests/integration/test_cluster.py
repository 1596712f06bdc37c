"""Bits of the weights on Spark's own standalone cluster, and when parts of it are killed."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import train_many
from bank_spark_dl.distributed.runtime.worker_pool import PRELOAD_VARIABLE
from tests.integration.cluster_training import (
    ONE_WORKER,
    TOGETHER,
    TRAININGS,
    fold_bits,
    fold_trainings,
    make_frame,
    train,
)
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


def wait_for(event: dict[str, Any], received: Iterator[dict[str, Any]]) -> None:
    assert event in received  # which is read no further


@pytest.fixture(scope="module")
def local(spark: SparkSession) -> dict[str, str]:
    """Hashes of the weights of all trainings, one after the other, without a cluster."""
    frame = make_frame(spark)
    hashes = {name: train(name, frame) for name in TRAININGS}
    assert len(set(hashes.values())) == len(TRAININGS)
    return hashes


def test_cluster_and_killed_executor_give_the_same_bits(
    cluster: Cluster, local: dict[str, str]
) -> None:
    """All kinds of label train at once: one executor is killed in the middle of all."""
    hashes = defaultdict(list)
    with driver(cluster, "2") as process:
        received = events(process)
        assert next(received) == {"prewarmed": True}
        assert [has_training_pool(pid) for pid in cluster.executors()] == [True, True]
        wait_for(TOGETHER, received)
        os.kill(cluster.executors()[0], signal.SIGKILL)
        for event in received:
            if "sha256" in event:
                hashes[event["training"]].append(event["sha256"])
        assert process.wait() == 0
    assert hashes == {name: [sha256, sha256] for name, sha256 in local.items()}


def test_killed_driver_resumes_to_the_same_bits(
    cluster: Cluster, local: dict[str, str], tmp_path: Path
) -> None:
    with driver(cluster, "1", str(tmp_path)) as process:
        wait_for(TOGETHER, events(process))
        process.send_signal(signal.SIGKILL)
    with driver(cluster, "1", str(tmp_path)) as process:
        _, *resumed = events(process)
    for name, sha256 in local.items():
        own = [event for event in resumed if event.get("training") == name]
        rounds = [event["round"] for event in own[:-1]]
        # Round 2 had been merged and kept when round 1's validation was reported, or was in the
        # making.
        assert rounds[0] in (1, 2)
        assert rounds == list(range(rounds[0], 5))
        assert own[-1]["sha256"] == sha256


@pytest.fixture(scope="module")
def local_one_worker(spark: SparkSession) -> str:
    return train("two classes", make_frame(spark), **ONE_WORKER)


def test_one_task_goes_on_elsewhere_to_the_same_bits(
    cluster: Cluster, local_one_worker: str, tmp_path: Path
) -> None:
    """Both executors die one after the other, so that one of them ran the task."""
    with driver(cluster, "one", str(tmp_path)) as process:
        received = events(process)
        wait_for({"prewarmed": True}, received)
        for seen, executor in zip((10, 20), cluster.executors(), strict=True):
            wait_for({"round": seen}, received)
            os.kill(executor, signal.SIGKILL)
        *rounds, last = received
        assert process.wait() == 0
    assert [event["round"] for event in rounds] == list(range(21, 60))
    assert last["sha256"] == local_one_worker


def test_one_task_is_resumed_by_another_driver(
    cluster: Cluster, local_one_worker: str, tmp_path: Path
) -> None:
    with driver(cluster, "one", str(tmp_path)) as process:
        wait_for({"round": 10}, events(process))
        process.send_signal(signal.SIGKILL)
    with driver(cluster, "one", str(tmp_path)) as process:
        _, *rounds, last = events(process)
    assert rounds[0]["round"] > 0
    assert last["sha256"] == local_one_worker
    assert [path.name for path in tmp_path.iterdir()] == ["round-000060.npz"]


def test_folds_side_by_side_survive_a_killed_executor(
    cluster: Cluster, spark: SparkSession, tmp_path: Path
) -> None:
    """Folds that have ended are not trained again: each reports its rounds once."""
    folds = make_frame(spark).withColumn("fold", sf.pmod("row_id", sf.lit(4)))
    expected = [fold_bits(result) for result in train_many(folds, fold_trainings(None))]
    with driver(cluster, "folds", str(tmp_path)) as process:
        received = events(process)
        wait_for({"prewarmed": True}, received)
        wait_for({"round": 30}, received)
        os.kill(cluster.executors()[0], signal.SIGKILL)
        rounds: Counter[int] = Counter()
        results = []
        for event in received:
            if "sha256" in event:
                results.append(event)
            else:
                rounds[event["round"]] += 1
        assert process.wait() == 0
    assert results == expected
    assert rounds[59] == 4
    assert max(rounds.values()) == 4
