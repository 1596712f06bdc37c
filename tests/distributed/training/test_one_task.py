"""A training with one worker: all its rounds in one Spark task."""

import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame
from tests.distributed.conftest import N_FEATURES, make_rows

from bank_spark_dl.distributed import ElephasClassificationModel, ElephasClassifier
from bank_spark_dl.distributed.data.plan import make_plan
from bank_spark_dl.distributed.data.shards import ShardHandle, ShardStore
from bank_spark_dl.distributed.training import train_step
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.distributed.training.history import Round
from bank_spark_dl.distributed.training.loop import first_checkpoint
from bank_spark_dl.distributed.training.network import initial_network
from bank_spark_dl.distributed.training.one_task import OneTask
from bank_spark_dl.errors import ParameterError

Settings = dict[str, Any]
EPOCHS = 4


@pytest.fixture(scope="module")
def alone(settings: Settings) -> Settings:
    return settings | {"num_workers": 1, "epochs": EPOCHS, "calibration": "platt"}


@pytest.fixture(scope="module")
def model(frame: DataFrame, alone: Settings) -> ElephasClassificationModel:
    return ElephasClassifier(**alone).fit(frame)


def jobs(frame: DataFrame) -> int:
    return frame.sparkSession.sparkContext._jsc.sc().dagScheduler().numTotalJobs()


def test_more_rounds_are_no_more_jobs(frame: DataFrame, alone: Settings) -> None:
    counted = []
    for epochs in (1, 5):
        before = jobs(frame)
        ElephasClassifier(**alone | {"epochs": epochs}).fit(frame)
        counted.append(jobs(frame) - before)
    assert counted[0] == counted[1]


def test_a_job_for_each_round_gives_the_same_bits(
    model: ElephasClassificationModel,
    frame: DataFrame,
    alone: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without the mark, a task takes the folder for one of another machine."""

    monkeypatch.setattr(CheckpointFolder, "mark", lambda self: None)
    caplog.set_level(logging.INFO, "bank_spark_dl.distributed")
    before = jobs(frame)
    apart = ElephasClassifier(**alone).fit(frame)
    assert jobs(frame) - before > EPOCHS
    assert any("Each round is a Spark job of its own" in line for line in caplog.messages)
    assert apart.history.weights_sha256 == model.history.weights_sha256
    assert apart.calibration == model.calibration
    assert [entry.val_loss for entry in apart.history.rounds] == [
        entry.val_loss for entry in model.history.rounds
    ]


def test_each_round_is_reported_once_and_in_order(frame: DataFrame, alone: Settings) -> None:
    seen: list[tuple[int, int]] = []

    def note(last: Round, rounds: int) -> None:
        assert last.val_loss is not None
        seen.append((last.round, rounds))

    ElephasClassifier(progress=note, **alone).fit(frame)
    assert seen == [(number, EPOCHS) for number in range(EPOCHS)]


@pytest.mark.parametrize("form", [str, Path.as_uri])
def test_an_interrupted_training_is_resumed_with_the_same_bits(
    frame: DataFrame, alone: Settings, tmp_path: Path, form: Callable[[Path], str]
) -> None:
    epochs = 60 if form is str else 400  # the driver looks at a folder of a URI less often
    longer = alone | {"epochs": epochs}
    whole = ElephasClassifier(**longer).fit(frame)
    kept = longer | {"checkpoint_dir": form(tmp_path)}

    def interrupt(last: Round, rounds: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ElephasClassifier(progress=interrupt, **kept).fit(frame)
    (left,) = tmp_path.iterdir()
    assert left.name < f"round-{epochs:06d}"
    seen: list[int] = []
    resumed = ElephasClassifier(
        progress=lambda last, rounds: seen.append(last.round), resume=True, **kept
    ).fit(frame)
    assert 0 not in seen
    assert seen == sorted(seen)
    assert resumed.history.weights_sha256 == whole.history.weights_sha256
    assert [path.name for path in tmp_path.iterdir()] == [f"round-{epochs:06d}.npz"]


def test_a_folder_that_is_deleted_meanwhile_changes_nothing(
    frame: DataFrame, alone: Settings, tmp_path: Path
) -> None:
    longer = alone | {"epochs": 60}

    def delete(last: Round, rounds: int) -> None:
        if last.round == 0:
            # A checkpoint may appear meanwhile.
            shutil.rmtree(tmp_path / "kept", ignore_errors=True)

    kept = ElephasClassifier(progress=delete, checkpoint_dir=str(tmp_path / "kept"), **longer)
    whole = ElephasClassifier(**longer).fit(frame)
    assert kept.fit(frame).history.weights_sha256 == whole.history.weights_sha256
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["round-000060.npz"]


def test_trainings_side_by_side_may_share_a_folder(
    frame: DataFrame, alone: Settings, tmp_path: Path
) -> None:
    """As the fits of a CrossValidator do."""

    def train(seed: int, **kept: Any) -> str:
        longer = alone | {"epochs": 30, "seed": seed}
        return str(ElephasClassifier(**longer, **kept).fit(frame).history.weights_sha256)

    (tmp_path / "round-000099.npz").write_bytes(b"no archive")
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda n: train(n, checkpoint_dir=str(tmp_path)), (1, 2)))
    assert together == [train(1), train(2)]


def test_what_ends_a_training_is_told_as_without_a_task(frame: DataFrame, alone: Settings) -> None:
    wild = {"optimizer_config": {"class_name": "sgd", "config": {"learning_rate": 1e30}}}
    with pytest.raises(ParameterError, match="not finite after round 0"):
        ElephasClassifier(**alone | wild).fit(frame)


def test_a_task_that_runs_again_goes_on_from_the_last_checkpoint(
    alone: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    monkeypatch.setattr(train_step, "_make_deterministic", lambda: None)  # threads of this process
    task, handle = make_task(alone, tmp_path)
    saved: list[int] = []
    real = CheckpointFolder.save

    def dying(self: CheckpointFolder, state: Checkpoint) -> None:
        real(self, state)
        saved.append(len(state.history.rounds))
        if saved == [1, 2]:
            raise MemoryError

    monkeypatch.setattr(CheckpointFolder, "save", dying)
    with task.folder.held():
        with pytest.raises(MemoryError):
            list(task([handle]))
        (again,) = task([handle])
    assert saved == [1, 2, 3, 4, 4]
    other, _ = make_task(alone, tmp_path)  # what the first one has left is not its own
    with other.folder.held():
        (whole,) = other([handle])
    assert saved[5:] == [1, 2, 3, 4, 4]
    assert again.history.weights_sha256 == whole.history.weights_sha256


def test_a_task_ends_when_nobody_waits_for_it(alone: Settings, tmp_path: Path) -> None:
    task, handle = make_task(alone, tmp_path)
    assert list(task([handle])) == [None]


def make_task(alone: Settings, folder: Path) -> tuple[OneTask, ShardHandle]:
    """Write a shard as a Spark task does."""
    rows = np.array([[*values, label] for _, label, values in make_rows(300)], dtype="<f4")
    store = ShardStore("shard", max_mb=1.0)
    store.path(0).parent.mkdir(exist_ok=True)
    rows.tofile(store.path(0))
    config = ElephasClassifier(**alone).config()
    plan = make_plan([270], [30], (150, 150), config)
    network = initial_network(config.network, seed=7)
    start = first_checkpoint(config, plan, network.get_weights())
    handle = ShardHandle(0, 270, 30, width=N_FEATURES + 1, digest="")
    return OneTask(config, plan, store, CheckpointFolder(str(folder / "kept"), {}), start), handle
