"""Two runs never write the same datasets at the same time."""

import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.location import local_path


class LockHooks:
    """Hold a lock for each local dataset that a run writes.

    The locks are the operating system's: those of a dead run are gone. Other file systems than a
    local disk have none; there, see to it that runs do not overlap.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._held: dict[Path, int] = {}
        self._folders: list[Path] = []  # made for locks

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Lock what the run writes.

        Raises:
            SurroundingsError: Another run writes some of it; the message names that run.
        """
        self._release()  # of a run in this process that Ctrl-C ended
        paths = {name: local_path(catalog[name]) for name in sorted(pipeline.all_outputs())}
        try:
            self._hold({name: path for name, path in paths.items() if path is not None})
        except BaseException:
            self._release()
            raise

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Let others write."""
        self._release()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Let others write."""
        self._release()

    def _hold(self, paths: Mapping[str, Path]) -> None:
        for name, path in paths.items():
            lock = _lock_of(path)
            self._folders += _make_folders(lock.parent)
            held = _lock(lock)
            if held is None:
                raise SurroundingsError(
                    f"{name} ({path}) is being written by another run: {_owner(lock)}. Wait until "
                    "it ends, or write elsewhere with --params=data_root=FOLDER."
                )
            self._held[lock] = held

    def _release(self) -> None:
        while self._held:
            lock, held = self._held.popitem()
            _unlock(lock, held)
        while self._folders:
            with suppress(OSError):  # something was written there
                self._folders.pop().rmdir()


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder; return what was missing of it, the outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only one to change a file for a moment; wait for whoever does."""
    lock = _lock_of(path)
    lock.parent.mkdir(parents=True, exist_ok=True)
    while (held := _lock(lock)) is None:
        time.sleep(0.01)
    try:
        yield
    finally:
        _unlock(lock, held)


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _unlock(lock: Path, held: int) -> None:
    with suppress(OSError):
        lock.unlink()
    os.close(held)


def _lock(path: Path) -> int | None:
    """Take a lock; return its file descriptor, or None if another has it."""
    while True:
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return None
        if _is_still(path, held):
            os.ftruncate(held, 0)
            os.write(held, _description().encode())
            return held
        os.close(held)


def _is_still(path: Path, held: int) -> bool:
    """Tell whether a path leads to an open file: another run may have ended and removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(held))
    except FileNotFoundError:
        return False


def _description() -> str:
    started = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return f"process {os.getpid()} on {socket.gethostname()}, started {started} ({command})"


def _owner(lock: Path) -> str:
    with suppress(OSError):
        return lock.read_text() or "one that starts just now"
    return "one that ends just now"
