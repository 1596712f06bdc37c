"""Showing a training's rounds as they end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bank_spark_dl.distributed.training.history import Round
from bank_spark_dl.errors import ParameterError

Report = Callable[[Round, int], None]


def check_progress(progress: object) -> None:
    """Raise ParameterError for what is no way to report rounds."""
    if progress not in (None, "rich") and not callable(progress):
        raise ParameterError(
            f'progress must be "rich", a function or None, but is {progress!r}. A function takes '
            "each `history.Round` and the number of rounds."
        )


@contextmanager
def make_progress(progress: Report | str | None) -> Iterator[Report]:
    """Open a way to report rounds; `check_progress` has seen that it is one.

    Args:
        progress: A function of a `history.Round` and the number of rounds; "rich" for a bar
            in the terminal; None for silence.

    Yields:
        The function to call after each round.
    """
    if progress == "rich":
        with _bar() as bar:
            yield _reporter(bar)
    elif callable(progress):
        yield progress
    else:
        yield lambda last, rounds: None


def _bar() -> Progress:
    return Progress(
        TextColumn("round"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )


def _reporter(bar: Progress) -> Report:
    task = bar.add_task("", total=None)

    def report(last: Round, rounds: int) -> None:
        known = {name: getattr(last, name) for name in ("loss", "val_loss", "val_auc")}
        figures = " ".join(
            f"{name} {value:.4f}" for name, value in known.items() if value is not None
        )
        bar.update(task, completed=last.round + 1, total=rounds, description=figures)

    return report
