"""Lock what a run writes and reads against other runs."""

import logging
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread, current_thread
from typing import Any, NamedTuple

from filelock import Timeout
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.datasets.file_locks import MOMENT, Release, holder, lock_to_read, lock_to_write
from bank_spark_dl.datasets.paths import local_path
from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.hooks.path_overlap import PATTERN
from bank_spark_dl.messages.failures import DATA_ROOT

logger = logging.getLogger(__name__)
PATIENCE = 60.0  # seconds for a change that takes a moment


class Wish(NamedTuple):
    """A local dataset that a run is going to write, or to read only."""

    path: Path
    name: str
    reads: bool


class LockHooks:
    """Lock each local dataset that a run writes, and share a lock of each that it only reads.

    A run never waits for another, so that no two wait for each other. It lets go of an input when
    that is loaded, unless its rows are read later: a stream that goes on for days must not hold
    back the next training. Other file systems than a local disk have no locks.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._written: list[Release] = []
        self._read: dict[str, Release] = {}
        self._loads: Counter[str] = Counter()  # to come, by input
        self._folders: list[Path] = []  # made for locks
        self._catalog = DataCatalog()
        self._thread: Thread | None = None  # that of the run

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Lock what the run uses, before what it reads is looked at.

        Raises:
            SurroundingsError: Another run uses some of it; the message names that run.
        """
        self._refuse_two_runs()
        self._release()  # of a run in this thread that Ctrl-C ended
        self._thread, self._catalog = current_thread(), catalog
        self._loads = Counter(name for node in pipeline.nodes for name in node.inputs)
        try:
            for wish in sorted(_wishes(pipeline, catalog)):
                self._take(wish)
        except BaseException:
            self._release()
            raise

    @hook_impl(wrapper=True, specname="before_pipeline_run")
    def release_if_refused(self) -> Generator[None, Any, Any]:
        """Let go where another hook refuses the run: Kedro tells nobody."""
        try:
            return (yield)
        except BaseException:
            if self._thread is current_thread():
                self._release()
            raise

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str) -> None:
        """Let go of an input that is in memory now, and that no other node loads."""
        self._loads[dataset_name] -= 1
        needed = self._loads[dataset_name] > 0 or getattr(
            self._catalog[dataset_name], "LAZY", False
        )
        if dataset_name in self._read and not needed:
            self._read.pop(dataset_name)()

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Let others write."""
        self._release()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Let others write."""
        self._release()

    def _refuse_two_runs(self) -> None:
        other = self._thread
        if other is not None and other is not current_thread() and other.is_alive():
            raise SurroundingsError(
                f"Another run goes on in this process (in its thread {other.name}), and the two "
                "would share one Spark session and its settings. Wait until it ends, or start a "
                "process for each."
            )

    def _take(self, wish: Wish) -> None:
        lock = _lock_of(wish.path)
        try:
            if wish.reads:
                self._read[wish.name] = lock_to_read(lock)
            else:
                self._folders += _missing_folders(lock.parent)
                self._written.append(lock_to_write(lock))
        except Timeout as error:
            purpose, who = holder(lock)
            remedy = "and run again" if wish.reads else f"or {DATA_ROOT}"
            raise SurroundingsError(
                f"{wish.name} ({wish.path}) is being {purpose} by another run: {who}. Wait until "
                f"it ends, {remedy}."
            ) from error

    def _release(self) -> None:
        self._thread = None
        while self._read:
            self._read.popitem()[1]()
        while self._written:
            self._written.pop()()
        while self._folders:
            with suppress(OSError):  # something was written there
                self._folders.pop().rmdir()


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only one to change a file for a moment; wait for whoever does.

    Args:
        path: The file.
        patience: Seconds to wait.

    Raises:
        SurroundingsError: Another program still holds it.
    """
    lock = _lock_of(path)
    try:
        release = lock_to_write(lock, min(MOMENT, patience))
    except Timeout:
        logger.warning("Waiting for %s, which another program holds: %s", path, holder(lock)[1])
        try:
            release = lock_to_write(lock, patience)
        except Timeout as error:
            raise SurroundingsError(
                f"{path} could not be changed: another program has held {lock} for more than "
                f"{patience:.0f} s: {holder(lock)[1]}. Wait until it ends, or end it, and run "
                "again."
            ) from error
    try:
        yield
    finally:
        release()


def _wishes(pipeline: Pipeline, catalog: DataCatalog) -> Iterator[Wish]:
    """Yield what lies on a local disk; patterns of many files have no lock."""
    written = {}
    for name in pipeline.all_outputs():
        if (path := local_path(catalog[name])) is not None:
            written[path] = Wish(path, name, reads=False)
    yield from written.values()
    for name in pipeline.inputs():
        path = local_path(catalog[name])
        if path is not None and path not in written and not PATTERN.search(str(path)):
            yield Wish(path, name, reads=True)


def _missing_folders(folder: Path) -> list[Path]:
    """Return what is missing of a folder, the outermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()][::-1]


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")
