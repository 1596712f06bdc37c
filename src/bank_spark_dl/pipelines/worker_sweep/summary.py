"""Types of the dataset `worker_sweep`: means over seeds, with intervals."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bank_spark_dl.ml.evaluation.intervals import Interval, mean_interval

FIGURES: Final = ("accuracy", "auc", "rmse", "r2")
"""Figures of the test rows: two of classes, two of numbers; the others are None."""


@dataclass(frozen=True, kw_only=True)
class SweepRun:
    """One training.

    Attributes:
        num_workers: Workers that trained.
        seed: Of the training.
        accuracy: See FIGURES.
        auc: See FIGURES.
        rmse: See FIGURES.
        r2: See FIGURES.
        seconds: Of the training, after its rows were laid out. With one worker it ran beside
            others, one on each core.
        rows_per_second: Rows trained on in a second of its rounds.
        weights_sha256: Hash of the final weights.
    """

    num_workers: int
    seed: int
    accuracy: float | None = None
    auc: float | None = None
    rmse: float | None = None
    r2: float | None = None
    seconds: float
    rows_per_second: float
    weights_sha256: str

    def measured(self) -> Iterator[tuple[str, float]]:
        """Yield the figures that there are, by name."""
        for name in FIGURES:
            if (figure := getattr(self, name)) is not None:
                yield name, figure


@dataclass(frozen=True, kw_only=True)
class WorkersSummary:
    """The trainings with one number of workers.

    Attributes:
        num_workers: This number.
        accuracy: Mean over seeds; see FIGURES.
        accuracy_difference: Mean difference to one worker with the same seed.
        auc: Mean over seeds.
        auc_difference: Mean difference to one worker with the same seed.
        rmse: Mean over seeds.
        rmse_difference: Mean difference to one worker with the same seed.
        r2: Mean over seeds.
        r2_difference: Mean difference to one worker with the same seed.
        seconds: Median.
        rows_per_second: Median.
    """

    num_workers: int
    accuracy: Interval | None = None
    accuracy_difference: Interval | None = None
    auc: Interval | None = None
    auc_difference: Interval | None = None
    rmse: Interval | None = None
    rmse_difference: Interval | None = None
    r2: Interval | None = None
    r2_difference: Interval | None = None
    seconds: float
    rows_per_second: float


@dataclass(frozen=True)
class WorkerSweep:
    """The dataset `worker_sweep`.

    Attributes:
        runs: Each number of workers with each seed.
        workers: A summary for each number of workers.
    """

    runs: tuple[SweepRun, ...]
    workers: tuple[WorkersSummary, ...]


def summarize_runs(runs: Sequence[SweepRun]) -> WorkerSweep:
    """Summarize the runs of each number of workers, and compare them with one worker's.

    Args:
        runs: Every number of workers, one among them, with the same seeds in the same order.
    """
    by_number: dict[int, list[SweepRun]] = {}
    for run in runs:
        by_number.setdefault(run.num_workers, []).append(run)
    summaries = (_summary(each, by_number[1]) for each in by_number.values())
    return WorkerSweep(tuple(runs), tuple(summaries))


def _summary(runs: Sequence[SweepRun], alone: Sequence[SweepRun]) -> WorkersSummary:
    measured = [dict(run.measured()) for run in runs]
    alone_measured = [dict(run.measured()) for run in alone]
    figures: dict[str, Interval] = {}
    for name in measured[0]:
        values, others = ([each[name] for each in all_] for all_ in (measured, alone_measured))
        gains = [value - other for value, other in zip(values, others, strict=True)]
        figures |= {name: mean_interval(values), f"{name}_difference": mean_interval(gains)}
    return WorkersSummary(
        num_workers=runs[0].num_workers,
        **figures,
        seconds=statistics.median(run.seconds for run in runs),
        rows_per_second=statistics.median(run.rows_per_second for run in runs),
    )
