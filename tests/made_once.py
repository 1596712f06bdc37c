"""Results that the processes of a test run share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bank_spark_dl.hooks.locking import locked

PATIENCE = 1200.0  # seconds: as long as whoever makes them may take


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path, Path], None]
) -> tuple[Path, Path]:
    """Return a folder and a log that the first process to need them has made.

    Args:
        factory: Of the test run.
        name: Of the folder.
        make: Fills the folder and, when that is done, writes the log.
    """
    ours = factory.getbasetemp()
    shared = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours
    folder, log = shared / name, shared / f"{name}.log"
    with locked(folder, PATIENCE):
        if not log.exists():
            make(folder, log)
    return folder, log
