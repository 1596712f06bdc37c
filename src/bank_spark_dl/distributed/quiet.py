"""Load TensorFlow without its start-up lines."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def load_keras() -> Any:
    """Import Keras on TensorFlow and return it; takes seconds the first time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with held_stderr():
        return import_module("keras")


@contextmanager
def held_stderr() -> Iterator[None]:
    """Hold back what is written to the standard error, and show it only if the block fails.

    TensorFlow's libraries write some lines while they load that no setting silences.
    """
    sys.stderr.flush()
    visible = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(visible, held.read())
            raise
        finally:
            os.dup2(visible, 2)
            os.close(visible)
