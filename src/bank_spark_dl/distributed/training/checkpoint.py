"""One small file after each round, so that a killed training can go on."""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from bank_spark_dl.distributed.checksums import (
    ARCHIVE_ENTRY,
    Saved,
    require_sealed,
    seal_archive,
)
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.errors import ParameterError, SurroundingsError

_UNFINISHED = ".unfinished-"
_MARK = ".training-"
_WRITING = Lock()
"""Held while a checkpoint is written: fits of several threads may have been given one folder."""
_RUNNING: set[str] = set()
"""The trainings of this process that hold a folder, see `CheckpointFolder.held`."""
_Content = tuple[dict[str, Any], dict[str, Any]]
"""A checkpoint's document and its arrays by name."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def open_folder(path: str) -> None:
    """Make the folder for checkpoints, and clear away what a killed training left unfinished.

    Raises:
        ParameterError: The path is an address of another file system, or a file.
        SurroundingsError: The folder cannot be made or written to.
    """
    if _SCHEME.match(path):
        raise ParameterError(
            f"checkpoint_dir must be a folder on the driver's own disk, but is {path!r}: give its "
            "path without a scheme."
        )
    folder = _folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ParameterError(
            f"checkpoint_dir must be a folder, but a file lies at {error.filename}: name another."
        ) from error
    except OSError as error:
        raise SurroundingsError(
            f"The folder checkpoint_dir={path!r} cannot be made: {error.strerror}. Name another."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SurroundingsError(
            f"The folder checkpoint_dir={path!r} cannot be written to: name another."
        )
    with _WRITING:
        for name in (_UNFINISHED, _MARK):
            for left in folder.glob(f"{name}*"):
                if left.name.removeprefix(name) not in _RUNNING:
                    left.unlink(missing_ok=True)


def _folder(path: str) -> Path:
    """Return a folder; `~` stands for the user's home, as in a shell."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path fails where nobody has the name


@dataclass
class Checkpoint:
    """What the next round depends on.

    Attributes:
        weights: Merged weights.
        optimizer_states: Optimizer state for each worker, or empty.
        best_weights: Weights early stopping will restore, or empty.
        history: Rounds so far.
    """

    weights: Arrays
    optimizer_states: list[Arrays]
    best_weights: Arrays
    history: TrainingHistory


class CheckpointFolder:
    """The folder of one training's checkpoints."""

    def __init__(self, folder: str, fingerprint: Mapping[str, Any]) -> None:
        """Take the folder and what identifies the training: its data, network and settings."""
        self._folder = _folder(folder)
        self._training = uuid.uuid4().hex
        self._mark = self._folder / f"{_MARK}{self._training}"
        self._unfinished = self._folder / f"{_UNFINISHED}{self._training}"
        self._fingerprint = dict(fingerprint)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, whole or not at all, then delete the ones before it."""
        arrays = _named("weight", checkpoint.weights) | _named("best", checkpoint.best_weights)
        for worker, state in enumerate(checkpoint.optimizer_states):
            arrays |= _named(f"state{worker}", state)
        record = {
            "training": self._training,
            "fingerprint": self._fingerprint,
            "history": checkpoint.history.to_dict(),
            "workers": len(checkpoint.optimizer_states),
        }
        path = self._folder / f"round-{len(checkpoint.history.rounds):06d}.npz"
        with _WRITING:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._unfinished.open("w+b") as file:
                np.savez(file, document=np.array(json.dumps(record)), **arrays)
                seal_archive(file)
                file.flush()
                os.fsync(file.fileno())
            self._unfinished.replace(path)
            for other in self._paths():
                if other != path:
                    other.unlink(missing_ok=True)  # trainings side by side may share the folder

    def load(self) -> Checkpoint | None:
        """Read the last checkpoint.

        Returns:
            The checkpoint, or None if the folder holds none.

        Raises:
            ParameterError: It belongs to other data, another network or other settings.
            InputDataError: It is not what was saved.
        """
        with _WRITING:
            paths = self._paths()
            if not paths:
                return None
            document, arrays = _read(paths[-1])
        self._require_same(document["fingerprint"], paths[-1])
        return _checkpoint(document, arrays)

    def load_own(self) -> Checkpoint | None:
        """Read the last checkpoint that this very training has saved, not one before it."""
        found = self._own(_read)
        return found and _checkpoint(*found)

    def own_history(self) -> TrainingHistory | None:
        """Read the history in the checkpoint that `load_own` reads."""
        found = self._own(_read_document)
        return found and TrainingHistory.from_dict(found[0]["history"])

    @contextmanager
    def held(self) -> Iterator[None]:
        """Mark the folder, so that tasks can tell that they see it and that the driver waits."""
        _RUNNING.add(self._training)
        try:
            self.mark()
            yield
        finally:
            self._mark.unlink(missing_ok=True)
            _RUNNING.discard(self._training)

    def mark(self) -> None:
        """Write the mark of `held` once more; somebody may have deleted the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._mark.touch()

    def is_held(self) -> bool:
        """Tell whether the folder is here, has this training's mark and takes files."""
        return self._mark.exists() and os.access(self._folder, os.W_OK)

    def _own(self, read: Callable[[Path], _Content]) -> _Content | None:
        for path in reversed(self._paths()):
            with suppress(Exception):  # it is no archive, or was deleted just now
                document, arrays = read(path)
                if document["training"] == self._training:
                    return document, arrays
        return None

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("round-*.npz"))

    def _require_same(self, fingerprint: Mapping[str, Any], path: Path) -> None:
        mine = self._fingerprint
        changed = sorted(k for k in mine | dict(fingerprint) if mine.get(k) != fingerprint.get(k))
        if changed:
            raise ParameterError(
                f"The checkpoint {path} belongs to a training with other {', '.join(changed)}: "
                "resume with the same data and settings, or delete it to start anew."
            )


def _read(path: Path) -> _Content:
    """Read a checkpoint's document and arrays; raise InputDataError unless they were saved so."""
    saved = Saved(f"The checkpoint {path}", "Delete it to start anew.")
    require_sealed(path, saved)
    with saved.readable("it cannot be read"), np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive if name != ARCHIVE_ENTRY}
        return json.loads(str(arrays.pop("document"))), arrays


def _read_document(path: Path) -> _Content:
    with np.load(path, allow_pickle=False) as archive:
        return json.loads(str(archive["document"])), {}


def _checkpoint(document: Mapping[str, Any], arrays: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        _numbered(arrays, "weight"),
        [_numbered(arrays, f"state{w}") for w in range(document["workers"])],
        _numbered(arrays, "best"),
        TrainingHistory.from_dict(document["history"]),
    )


def _named(prefix: str, arrays: Arrays) -> dict[str, Any]:
    return {f"{prefix}-{number:05d}": array for number, array in enumerate(arrays)}


def _numbered(archive: Mapping[str, Any], prefix: str) -> Arrays:
    return [archive[name] for name in sorted(archive) if name.startswith(f"{prefix}-")]
