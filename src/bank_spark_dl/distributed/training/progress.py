"""Report the rounds of trainings as they end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bank_spark_dl.distributed.training.history import Round
from bank_spark_dl.errors import ParameterError

Report = Callable[[Round, int], None]


def check_progress(progress: object) -> None:
    """Raise ParameterError unless rounds can be reported so."""
    if progress not in (None, "rich") and not callable(progress):
        raise ParameterError(
            f'progress must be "rich", a function or None, but is {progress!r}. A function takes '
            "each `history.Round` and the number of rounds."
        )


@contextmanager
def make_progress(progress: Report | str | None) -> Iterator[Report]:
    """Return a function that reports rounds.

    Args:
        progress: A function of a `history.Round` and the number of rounds; "rich" for a
            progress bar in the terminal; None for nothing.

    Yields:
        The function to call after each round.
    """
    if progress != "rich":
        yield progress if callable(progress) else lambda last, rounds: None
        return
    figures = TextColumn("{task.description}")
    columns = (TextColumn("round"), MofNCompleteColumn(), BarColumn(), figures)
    with Progress(*columns, TimeRemainingColumn()) as bar:
        yield _reporter(bar)


def _reporter(bar: Progress) -> Report:
    task = bar.add_task("", total=None)

    def report(last: Round, rounds: int) -> None:
        known = {name: getattr(last, name) for name in ("loss", "val_loss", "val_auc")}
        figures = " ".join(
            f"{name} {value:.4f}" for name, value in known.items() if value is not None
        )
        bar.update(task, completed=last.round + 1, total=rounds, description=figures)

    return report


class ManyReports:
    """Reports many trainings that run side by side."""

    def __init__(self, trainings: int, progress: Report | None, bar: Progress | None) -> None:
        """Take who is told each round, and the bar that all trainings share."""
        self._progress = progress
        self._bar = bar
        self._lock = Lock()
        self._shares = [0.0] * trainings
        self._ended = 0
        self._best: float | None = None
        self._task = None if bar is None else bar.add_task("", total=trainings)

    def of(self, number: int) -> Report:
        """Return the function that reports the rounds of one training."""

        def report(last: Round, rounds: int) -> None:
            if self._progress is not None:
                self._progress(last, rounds)
            with self._lock:
                known = [figure for figure in (self._best, last.val_loss) if figure is not None]
                self._best = min(known, default=None)
            self._show(number, (last.round + 1) / rounds)

        return report

    def end(self, number: int) -> None:
        """Report that a training has ended, maybe early."""
        with self._lock:
            self._ended += 1
        self._show(number, 1.0)

    def _show(self, number: int, share: float) -> None:
        with self._lock:
            self._shares[number] = share
            if self._bar is not None and self._task is not None:
                best = "" if self._best is None else f" best val_loss {self._best:.4f}"
                told = f"{self._ended} of {len(self._shares)} ended{best}"
                self._bar.update(self._task, completed=sum(self._shares), description=told)


@contextmanager
def make_many_progress(progress: Report | str | None, trainings: int) -> Iterator[ManyReports]:
    """Return what reports many trainings.

    Args:
        progress: A function, called from several threads; "rich" for one progress bar: how many
            trainings have ended, the best so far, the time left; None for nothing.
        trainings: Their number.

    Yields:
        What reports them.
    """
    if progress != "rich":
        yield ManyReports(trainings, progress if callable(progress) else None, None)
        return
    figures = TextColumn("{task.description}")
    columns = (TextColumn("trainings"), BarColumn(), figures)
    with Progress(*columns, TimeRemainingColumn()) as bar:
        yield ManyReports(trainings, None, bar)
