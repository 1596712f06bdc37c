"""One progress bar for a search."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bank_spark_dl.pipelines.tuning.fold_training import FoldJob


class SearchProgress:
    """Counts the epochs of folds that have been trained, and shows what is trained now."""

    def __init__(self, bar: Progress, epochs: int) -> None:
        """Take the epochs of all folds of all trials, as far as they are known."""
        self._bar = bar
        self._lock = Lock()
        self._task = bar.add_task("", total=epochs)

    def end(self, job: FoldJob) -> None:
        """Count a training that has ended."""
        with self._lock:
            self._bar.advance(self._task, job.stop_epoch)

    def show(self, now: str) -> None:
        """Show what is trained now."""
        self._bar.update(self._task, description=now)


@contextmanager
def search_progress(epochs: int) -> Iterator[SearchProgress]:
    """Show a bar while the block runs: what is trained now, the best so far, the time left.

    Args:
        epochs: Of all folds that will be trained.
    """
    columns = (TextColumn("Searching"), BarColumn(20), TextColumn("{task.description}"))
    with Progress(*columns, TimeRemainingColumn()) as bar:
        yield SearchProgress(bar, epochs)
