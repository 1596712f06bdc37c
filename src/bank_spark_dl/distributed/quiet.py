"""Load TensorFlow without its start-up lines."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

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
    with held_stderr():
        return import_module("keras")


@contextmanager
def held_stderr() -> Iterator[None]:
    """Leave TensorFlow's start-up lines out of the standard error, unless the block fails.

    No setting silences them. What else is written meanwhile, by whatever thread, appears when the
    block ends.
    """
    sys.stderr.flush()
    visible = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(visible, 2)
            os.close(visible)
            held.seek(0)
            for line in held:
                if failed or not _START_UP.match(line):
                    os.write(2, line)
