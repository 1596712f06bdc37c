"""Types of the dataset `worker_sweep`: means over seeds, with intervals."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bank_spark_dl.ml.evaluation.intervals import Interval, mean_interval


@dataclass(frozen=True)
class SweepRun:
    """One training.

    Attributes:
        num_workers: Workers that trained.
        seed: Of the training.
        accuracy: On the test rows.
        auc: On the test rows.
        seconds: Of the whole training.
        rows_per_second: Rows trained on in a second of its rounds.
        weights_sha256: Hash of the final weights.
    """

    num_workers: int
    seed: int
    accuracy: float
    auc: float
    seconds: float
    rows_per_second: float
    weights_sha256: str


@dataclass(frozen=True)
class WorkersSummary:
    """The trainings with one number of workers.

    Attributes:
        num_workers: This number.
        accuracy: Mean over seeds.
        accuracy_difference: Mean difference to one worker with the same seed.
        auc: Mean over seeds.
        auc_difference: Mean difference to one worker with the same seed.
        seconds: Median.
        rows_per_second: Median.
    """

    num_workers: int
    accuracy: Interval
    accuracy_difference: Interval
    auc: Interval
    auc_difference: Interval
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
    pairs = list(zip(runs, alone, strict=True))
    return WorkersSummary(
        num_workers=runs[0].num_workers,
        accuracy=mean_interval([run.accuracy for run in runs]),
        accuracy_difference=mean_interval([run.accuracy - one.accuracy for run, one in pairs]),
        auc=mean_interval([run.auc for run in runs]),
        auc_difference=mean_interval([run.auc - one.auc for run, one in pairs]),
        seconds=statistics.median(run.seconds for run in runs),
        rows_per_second=statistics.median(run.rows_per_second for run in runs),
    )
