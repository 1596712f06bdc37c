"""Lock what a run writes and reads against other runs."""

import logging
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread, current_thread
from typing import Any, NamedTuple

from filelock import Timeout
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from bank_spark_dl.datasets.file_locks import MOMENT, holder, lock_to_read, lock_to_write
from bank_spark_dl.datasets.paths import local_path
from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.hooks.path_overlap import PATTERN
from bank_spark_dl.messages.failures import DATA_ROOT

logger = logging.getLogger(__name__)
PATIENCE = 60.0  # seconds for a change that takes a moment


class LocalDataset(NamedTuple):
    """A dataset on a local disk that a run is going to write, or only to read."""

    path: Path
    name: str
    reads: bool


class LockHooks:
    """Lock each local dataset that a run writes, and share a lock of each that it only reads.

    A run never waits for another, so that no two wait for each other. It releases an input when
    that is loaded, unless its rows are read later: a stream that goes on for days must not hold
    back the next training. Only local disks have locks.
    """

    def __init__(self) -> None:
        """Start without locks."""
        self._written = ExitStack()
        self._read: dict[str, ExitStack] = {}
        self._loads: Counter[str] = Counter()  # to come, by input
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
            for dataset in sorted(_local_datasets(pipeline, catalog)):
                self._lock(dataset)
        except BaseException:
            self._release()
            raise

    @hook_impl(wrapper=True, specname="before_pipeline_run")
    def release_if_refused(self) -> Generator[None, Any, Any]:
        """Release all locks where another hook refuses the run: Kedro calls no hook then."""
        try:
            return (yield)
        except BaseException:
            if self._thread is current_thread():
                self._release()
            raise

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str) -> None:
        """Release an input that is in memory now, and that no other node loads."""
        self._loads[dataset_name] -= 1
        needed = self._loads[dataset_name] > 0 or getattr(
            self._catalog[dataset_name], "LAZY", False
        )
        if dataset_name in self._read and not needed:
            self._read.pop(dataset_name).close()

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Release all locks."""
        self._release()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Release all locks."""
        self._release()

    def _refuse_two_runs(self) -> None:
        other = self._thread
        if other is not None and other is not current_thread() and other.is_alive():
            raise SurroundingsError(
                f"Another run goes on in this process (in its thread {other.name}), and the two "
                "would share one Spark session and its settings. Wait until it ends, or start a "
                "process for each."
            )

    def _lock(self, dataset: LocalDataset) -> None:
        lock = _lock_of(dataset.path)
        try:
            if dataset.reads:
                self._read.setdefault(dataset.name, ExitStack()).enter_context(lock_to_read(lock))
            else:
                for folder in _missing_folders(lock.parent):
                    self._written.callback(_remove_if_empty, folder)
                self._written.enter_context(lock_to_write(lock))
        except Timeout as error:
            purpose, who = holder(lock)
            remedy = "and run again" if dataset.reads else f"or {DATA_ROOT}"
            raise SurroundingsError(
                f"{dataset.name} ({dataset.path}) is being {purpose} by another run: {who}. Wait "
                f"until it ends, {remedy}."
            ) from error

    def _release(self) -> None:
        self._thread = None
        while self._read:
            self._read.popitem()[1].close()
        self._written.close()


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock while a block changes it; wait for other programs that do.

    Args:
        path: The file.
        patience: Seconds to wait.

    Raises:
        SurroundingsError: Another program still holds it.
    """
    lock = _lock_of(path)
    with ExitStack() as held:
        try:
            held.enter_context(lock_to_write(lock, min(MOMENT, patience)))
        except Timeout:
            logger.warning("Waiting for %s, which another program holds: %s", path, holder(lock)[1])
            try:
                held.enter_context(lock_to_write(lock, patience))
            except Timeout as error:
                raise SurroundingsError(
                    f"{path} could not be changed: another program has held {lock} for more than "
                    f"{patience:.0f} s: {holder(lock)[1]}. Wait until it ends, or end it, and run "
                    "again."
                ) from error
        yield


def _local_datasets(pipeline: Pipeline, catalog: DataCatalog) -> Iterator[LocalDataset]:
    """Yield what lies on a local disk; patterns of many files have no lock."""
    written = {}
    for name in pipeline.all_outputs():
        if (path := local_path(catalog[name])) is not None:
            written[path] = LocalDataset(path, name, reads=False)
    yield from written.values()
    for name in pipeline.inputs():
        path = local_path(catalog[name])
        if path is not None and path not in written and not PATTERN.search(str(path)):
            yield LocalDataset(path, name, reads=True)


def _missing_folders(folder: Path) -> list[Path]:
    """Return what is missing of a folder, the outermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()][::-1]


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # something was written there
        folder.rmdir()


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")
