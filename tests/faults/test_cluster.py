"""What happens to a cluster: runs go on to the same result, or end in one sentence."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.faults.runs import (
    SCORES,
    TWO_WORKERS,
    WITH_SCORING,
    Run,
    ended_in_a_sentence,
    kill_forks,
    look_at,
    start_run,
    weights_sha256,
)
from tests.spark_cluster import SETTINGS, Cluster, running_cluster

pytestmark = pytest.mark.faults
PREDICTIONS = "07_model_output/test_predictions.parquet"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def on_cluster(cluster: Cluster, data: Path, *arguments: str, **settings: str) -> Run:
    named = {f"spark.{key.replace('_', '.')}": value for key, value in settings.items()}
    return start_run(
        data.with_name("log"),
        *arguments,
        f"--params=data_root={data},{TWO_WORKERS},scoring.output={data / SCORES}",
        settings=SETTINGS | {"spark.master": cluster.address} | named,
    )


def test_killed_executors_change_nothing(
    cluster: Cluster,
    data: Path,
    unhurt: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """An executor of a cluster of two is killed | same weights and scores, bit for bit"""
    steps = ("fit_feature_model", "train_network", "predict_rows", "score_rows")
    record_property("times", len(steps))
    run = on_cluster(cluster, data, WITH_SCORING)
    for step in steps:
        run.wait_for(f": {step}")
        time.sleep(1)
        os.kill(cluster.executors()[0], signal.SIGKILL)
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == weights_sha256(unhurt)
    for name in (PREDICTIONS, SCORES):
        assert_frame_equal(by_id(data / name), by_id(unhurt / name))
    assert "report.html" in look_at(data)


def by_id(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path).sort_values("row_id").reset_index(drop=True)


def test_a_killed_worker_process_changes_nothing(
    cluster: Cluster, data: Path, expected_sha256: str
) -> None:
    """All training processes are killed, as the system does without memory | same weights"""
    run = on_cluster(cluster, data)
    run.wait_for("Training on")
    kill_forks(cluster.executors())
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected_sha256


def test_a_worker_process_without_memory_ends_in_a_sentence(cluster: Cluster, data: Path) -> None:
    """Worker processes may have 200 MB only | ends in one sentence, outputs whole"""
    run = on_cluster(cluster, data, executor_pyspark_memory="200m")
    ended_in_a_sentence(run, "A Python worker was killed, most likely by the system because")
    assert "report.html" not in look_at(data)


def test_a_master_that_is_gone_changes_nothing(
    cluster: Cluster, data: Path, expected_sha256: str
) -> None:
    """The cluster's master is killed | same weights"""
    run = on_cluster(cluster, data)
    run.wait_for(": make_features")
    cluster.master.kill()
    assert run.ends() == 0, run.printed()[-3000:]
    assert weights_sha256(data) == expected_sha256
