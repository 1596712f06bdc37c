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
from bank_spark_dl.distributed.training.checkpoint_store import store_at
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.errors import ParameterError, SurroundingsError

_UNFINISHED = ".unfinished-"
_MARK = ".training-"
_ROUND = re.compile(r"round-\d+\.npz")
_WRITING = Lock()
"""Held while a checkpoint is written: fits of several threads may have been given one folder."""
_TRIES = 3
"""A deletion of the folder meets a file at most twice: as it is written, and as it is renamed."""
_RUNNING: set[str] = set()
"""The trainings of this process that hold a folder, see `CheckpointFolder.held`."""
_Content = tuple[dict[str, Any], dict[str, Any]]
"""A checkpoint's document and its arrays by name."""


def open_folder(path: str) -> None:
    """Make the folder for checkpoints, and clear away what a killed training left unfinished.

    Raises:
        ParameterError: The path is a file, or a URI of a file system that PyArrow does not know.
        SurroundingsError: The folder cannot be reached, made or written to.
    """
    store = store_at(path)
    try:
        store.make()
    except (FileExistsError, NotADirectoryError) as error:
        raise ParameterError(
            f"checkpoint_dir must be a folder, but a file lies at {error.filename}: name another."
        ) from error
    except OSError as error:
        raise SurroundingsError(
            f"The folder checkpoint_dir={path!r} cannot be made: "
            f"{error.strerror or error}. Name another."
        ) from error
    if not store.takes_files():
        raise SurroundingsError(
            f"The folder checkpoint_dir={path!r} cannot be written to: name another."
        )
    with _WRITING:
        for name in store.names():
            for prefix in (_UNFINISHED, _MARK):
                if name.startswith(prefix) and name.removeprefix(prefix) not in _RUNNING:
                    store.delete(name)


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
        self._store = store_at(folder)
        self._training = uuid.uuid4().hex
        self._mark = f"{_MARK}{self._training}"
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
        name = f"round-{len(checkpoint.history.rounds):06d}.npz"
        with _WRITING:
            self._write(name, {"document": np.array(json.dumps(record))} | arrays)
            for other in self._names():
                if other != name:
                    self._store.delete(other)  # trainings side by side may share the folder

    def load(self) -> Checkpoint | None:
        """Read the last checkpoint.

        Returns:
            The checkpoint, or None if the folder holds none.

        Raises:
            ParameterError: It belongs to other data, another network or other settings.
            InputDataError: It is not what was saved.
        """
        with _WRITING:
            names = self._names()
            if not names:
                return None
            shown = self._store.path(names[-1])
            with self._store.opened(names[-1]) as path:
                document, arrays = _read(path, shown)
        self._require_same(document["fingerprint"], shown)
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
            self._store.delete(self._mark)
            _RUNNING.discard(self._training)

    def mark(self) -> None:
        """Write the mark of `held` once more; somebody may have deleted the folder."""
        self._store.touch(self._mark)

    @property
    def polling(self) -> float:
        """Seconds between two looks at the folder."""
        return self._store.polling

    def is_held(self) -> bool:
        """Tell whether the folder is here, has this training's mark and takes files."""
        return self._mark in self._store.names() and self._store.takes_files()

    def _write(self, name: str, arrays: Mapping[str, Any]) -> None:
        """Write a file; once more if somebody deletes the folder in between."""
        for _ in range(_TRIES - 1):
            with suppress(FileNotFoundError):
                self._write_once(name, arrays)
                return
        self._write_once(name, arrays)

    def _write_once(self, name: str, arrays: Mapping[str, Any]) -> None:
        with (
            self._store.write(name, f"{_UNFINISHED}{self._training}") as path,
            path.open("w+b") as file,
        ):
            np.savez(file, **arrays)
            seal_archive(file)
            file.flush()
            os.fsync(file.fileno())

    def _own(self, read: Callable[[Path, str], _Content]) -> _Content | None:
        for name in reversed(self._names()):
            # It may be no archive, or have been deleted just now.
            with suppress(Exception), self._store.opened(name) as path:
                document, arrays = read(path, self._store.path(name))
                if document["training"] == self._training:
                    return document, arrays
        return None

    def _names(self) -> list[str]:
        return [name for name in self._store.names() if _ROUND.fullmatch(name)]

    def _require_same(self, fingerprint: Mapping[str, Any], shown: str) -> None:
        mine = self._fingerprint
        changed = sorted(k for k in mine | dict(fingerprint) if mine.get(k) != fingerprint.get(k))
        if changed:
            raise ParameterError(
                f"The checkpoint {shown} belongs to a training with other {', '.join(changed)}: "
                "resume with the same data and settings, or delete it to start anew."
            )


def _read(path: Path, shown: str) -> _Content:
    """Read a checkpoint's document and arrays; raise InputDataError unless they were saved so."""
    saved = Saved(f"The checkpoint {shown}", "Delete it to start anew.")
    require_sealed(path, saved)
    with saved.readable("it cannot be read"), np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive if name != ARCHIVE_ENTRY}
        return json.loads(str(arrays.pop("document"))), arrays


def _read_document(path: Path, shown: str) -> _Content:
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
