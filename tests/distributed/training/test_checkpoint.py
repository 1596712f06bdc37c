"""A folder of checkpoints after something ended a training in the middle of writing one."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder, open_folder
from bank_spark_dl.distributed.training.history import Round, TrainingHistory
from bank_spark_dl.errors import ParameterError, SurroundingsError


def checkpoint(rounds: int) -> Checkpoint:
    done = tuple(
        Round(round=n, epoch=n, workers=(), seconds=1.0, loss=0.5, metrics={"acc": 0.5})
        for n in range(rounds)
    )
    history = TrainingHistory(1, 3, 0, 1, 1, 0, rounds=done)
    return Checkpoint([np.float32([rounds])], [], [], history)


@pytest.fixture(params=["disk", "uri"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same folder by its path and by a URI, which stands for any file system of PyArrow."""
    return str(tmp_path) if request.param == "disk" else tmp_path.as_uri()


class Killed(BaseException):
    """As by a signal: nothing of the program runs after it."""


def test_a_checkpoint_that_was_killed_leaves_nothing_for_ever(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = CheckpointFolder(folder, {"seed": 1})
    checkpoints.save(checkpoint(1))

    def kill(_: int) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", kill)
        for _ in range(3):
            with pytest.raises(Killed):
                checkpoints.save(checkpoint(2))
    open_folder(folder)
    again = CheckpointFolder(folder, {"seed": 1})
    assert again.load().weights == [np.float32([1])]
    again.save(checkpoint(2))
    assert [path.name for path in tmp_path.iterdir()] == ["round-000002.npz"]
    assert again.load().weights == [np.float32([2])]


def test_a_folder_that_is_deleted_as_a_checkpoint_is_written_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    checkpoints = CheckpointFolder(str(folder), {})
    real, deletions = os.fsync, iter(range(2))

    def delete(number: int) -> None:
        real(number)
        if next(deletions, None) is not None:
            shutil.rmtree(folder)

    monkeypatch.setattr(os, "fsync", delete)
    checkpoints.save(checkpoint(1))
    assert [path.name for path in folder.iterdir()] == ["round-000001.npz"]


def test_the_home_of_the_user_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    open_folder("~/kept")
    CheckpointFolder("~/kept", {}).save(checkpoint(1))
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["round-000001.npz"]
    assert not (tmp_path / "~").exists()


def test_a_training_knows_its_own_checkpoint_from_all_others(folder: str, tmp_path: Path) -> None:
    mine, other = (CheckpointFolder(folder, {}) for _ in range(2))
    (tmp_path / "round-000009.npz").write_text("no archive")
    assert mine.own_history() is None
    assert mine.load_own() is None
    mine.save(checkpoint(2))
    assert mine.own_history() == checkpoint(2).history
    assert mine.load_own().weights == [np.float32([2])]
    assert other.own_history() is None
    assert other.load_own() is None
    assert other.load().weights == [np.float32([2])]


def test_a_mark_tells_that_the_folder_is_seen_and_the_driver_waits(
    folder: str, tmp_path: Path
) -> None:
    place = f"{folder}/new"
    checkpoints = CheckpointFolder(place, {})
    assert not checkpoints.is_held()
    with checkpoints.held():
        open_folder(place)  # another training begins in the same process
        assert checkpoints.is_held()
        assert not CheckpointFolder(place, {}).is_held()
    assert not checkpoints.is_held()
    (tmp_path / "new" / ".training-killed").touch()
    open_folder(place)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_file_system_that_cannot_be_reached_is_named() -> None:
    for open_ in (open_folder, lambda uri: CheckpointFolder(uri, {})):
        with pytest.raises(ParameterError, match="checkpoint_dir is 'ftp://host/x', which no"):
            open_("ftp://host/x")
    with pytest.raises(SurroundingsError, match="checkpoint_dir='hdfs://nowhere/x' cannot be"):
        open_folder("hdfs://nowhere/x")
