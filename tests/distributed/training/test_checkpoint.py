"""A folder of checkpoints after something ended a training in the middle of writing one."""

import os
from pathlib import Path

import numpy as np
import pytest

from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder, open_folder
from bank_spark_dl.distributed.training.history import Round, TrainingHistory


def checkpoint(rounds: int) -> Checkpoint:
    done = tuple(
        Round(round=n, epoch=n, workers=(), seconds=1.0, loss=0.5, metrics={"acc": 0.5})
        for n in range(rounds)
    )
    history = TrainingHistory(1, 3, 0, 1, 1, 0, rounds=done)
    return Checkpoint([np.float32([rounds])], [], [], history)


class Killed(BaseException):
    """As by a signal: nothing of the program runs after it."""


def test_a_checkpoint_that_was_killed_leaves_nothing_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CheckpointFolder(str(tmp_path), {"seed": 1})
    folder.save(checkpoint(1))

    def kill(_: int) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", kill)
        for _ in range(3):
            with pytest.raises(Killed):
                folder.save(checkpoint(2))
    open_folder(str(tmp_path))
    again = CheckpointFolder(str(tmp_path), {"seed": 1})
    assert again.load().weights == [np.float32([1])]
    again.save(checkpoint(2))
    assert [path.name for path in tmp_path.iterdir()] == ["round-000002.npz"]
    assert again.load().weights == [np.float32([2])]


def test_the_home_of_the_user_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    open_folder("~/kept")
    CheckpointFolder("~/kept", {}).save(checkpoint(1))
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["round-000001.npz"]
    assert not (tmp_path / "~").exists()


def test_a_training_knows_its_own_checkpoint_from_all_others(tmp_path: Path) -> None:
    mine, other = (CheckpointFolder(str(tmp_path), {}) for _ in range(2))
    (tmp_path / "round-000009.npz").write_text("no archive")
    assert mine.own_history() is None
    assert mine.load_own() is None
    mine.save(checkpoint(2))
    assert mine.own_history() == checkpoint(2).history
    assert mine.load_own().weights == [np.float32([2])]
    assert other.own_history() is None
    assert other.load_own() is None
    assert other.load().weights == [np.float32([2])]


def test_a_mark_tells_that_the_folder_is_seen_and_the_driver_waits(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path / "new"), {})
    assert not folder.is_held()
    with folder.held():
        open_folder(str(tmp_path / "new"))  # another training begins in the same process
        assert folder.is_held()
        assert not CheckpointFolder(str(tmp_path / "new"), {}).is_held()
    assert not folder.is_held()
    (tmp_path / "new" / ".training-killed").touch()
    open_folder(str(tmp_path / "new"))
    assert list((tmp_path / "new").iterdir()) == []
