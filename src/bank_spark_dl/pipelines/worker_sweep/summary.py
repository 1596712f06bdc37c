"""Means and intervals over seeds."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bank_spark_dl.ml.evaluation.intervals import mean_interval

Run = Mapping[str, Any]


def summarize_runs(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Summarize the runs of each number of workers, and compare them with one worker's.

    Args:
        runs: Each with `num_workers`, `seed`, `accuracy`, `auc`, `seconds` and `rows_per_second`;
            every number of workers with the same seeds.

    Returns:
        For each number of workers: `num_workers`; `accuracy` and `auc` with `mean`, `low` and
        `high` of the mean's 95% interval; `accuracy_difference` and `auc_difference` to one worker
        with the same seed, likewise; medians `seconds` and `rows_per_second`.
    """
    numbers = list(dict.fromkeys(run["num_workers"] for run in runs))
    alone = _of(runs, 1)
    return [_summary(number, _of(runs, number), alone) for number in numbers]


def _of(runs: Sequence[Run], number: int) -> dict[int, Run]:
    return {run["seed"]: run for run in runs if run["num_workers"] == number}


def _summary(number: int, runs: Mapping[int, Run], alone: Mapping[int, Run]) -> dict[str, Any]:
    summary: dict[str, Any] = {"num_workers": number}
    for figure in ("accuracy", "auc"):
        summary[figure] = mean_interval([run[figure] for run in runs.values()])
        summary[f"{figure}_difference"] = mean_interval(
            [run[figure] - alone[seed][figure] for seed, run in runs.items()]
        )
    for figure in ("seconds", "rows_per_second"):
        summary[figure] = statistics.median(run[figure] for run in runs.values())
    return summary
