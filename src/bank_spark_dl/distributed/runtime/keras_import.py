"""Load TensorFlow without its start-up lines."""

import atexit
import gc
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import IO, Any

_START_UP = re.compile(
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |"  # TensorFlow's log
    rb"[IWE]0000 |"  # the log of the libraries under it, before it is set up
    rb"WARNING: All log messages before absl|"
    rb"To enable the following instructions"
)
"""Beginnings of the lines that TensorFlow's libraries write while they load."""


def load_keras() -> Any:
    """Import Keras on TensorFlow and return it; takes seconds the first time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with held_stderr(), no_garbage_collection():
        return import_module("keras")


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Import many modules faster: looking for garbage in them is a fifth of TensorFlow's import."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _FilteredStderr:
    """The process's standard error while blocks of any number of threads filter it.

    The process has one descriptor 2: the first block to begin replaces it by a file, and the last
    one to end restores it and writes the lines to be shown. No block waits for another.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._blocks = 0
        self._failed = False
        self._visible = -1
        self._file: IO[bytes] | None = None

    def begin(self) -> None:
        """Begin a block."""
        with self._lock:
            self._blocks += 1
            if self._file is None:
                sys.stderr.flush()
                self._visible, self._file = os.dup(2), tempfile.TemporaryFile()  # noqa: SIM115
                os.dup2(self._file.fileno(), 2)

    def end(self, *, failed: bool) -> None:
        """End a block."""
        with self._lock:
            self._blocks -= 1
            self._failed |= failed
            if self._blocks == 0:
                self._show()

    def give_up(self) -> None:
        """Show everything, because the process ends before its blocks do."""
        with self._lock:
            self._failed = True
            self._show()

    def _show(self) -> None:
        if self._file is None:
            return
        sys.stderr.flush()
        os.dup2(self._visible, 2)
        os.close(self._visible)
        with self._file as file:
            file.seek(0)
            for line in file:
                if self._failed or not _START_UP.match(line):
                    os.write(2, line)
        self._file, self._failed = None, False


_FILTER = _FilteredStderr()
atexit.register(_FILTER.give_up)


@contextmanager
def held_stderr() -> Iterator[None]:
    """Filter TensorFlow's start-up lines out of standard error, unless the block fails.

    No setting of TensorFlow does. Other lines, of any thread, appear when the block ends; where
    blocks overlap, when the last of them ends.
    """
    _FILTER.begin()
    failed = True
    try:
        yield
        failed = False
    finally:
        _FILTER.end(failed=failed)
