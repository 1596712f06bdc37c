"""Intervals of means."""

import math
import statistics
from collections.abc import Sequence

from scipy import stats

NORMAL_95 = 1.959964  # reach of a 95% interval in standard errors


def mean_interval(values: Sequence[float], level: float = 0.95) -> dict[str, float]:
    """Compute a mean and its Student t interval.

    Args:
        values: At least two independent figures.
        level: Share of such intervals that hold the true mean.

    Returns:
        `mean`, `low` and `high`; all three the same where the values are.
    """
    mean = float(sum(values) / len(values))
    error = float(stats.sem(values))
    if error == 0.0:
        return {"mean": mean, "low": mean, "high": mean}
    low, high = stats.t.interval(level, len(values) - 1, loc=mean, scale=error)
    return {"mean": mean, "low": float(low), "high": float(high)}


def rows_interval(mean: float, deviation: float | None, rows: int) -> dict[str, float]:
    """Compute the 95% interval of a mean over many rows (normal approximation).

    Args:
        mean: The rows' mean.
        deviation: Their sample standard deviation; None, Spark's answer for one row, counts as 0.
        rows: Their number.

    Returns:
        `mean`, `low` and `high`.
    """
    reach = NORMAL_95 * (deviation or 0.0) / math.sqrt(rows)
    return {"mean": mean, "low": mean - reach, "high": mean + reach}


def fold_interval(values: Sequence[float], level: float = 0.95) -> dict[str, float]:
    """Compute a mean over cross-validation's folds and its interval.

    Folds share most of their train rows, so that their figures vary less than those of independent
    trainings. The variance of the mean is corrected for it: 1/K + 1/(K - 1) instead of 1/K for K
    folds (Nadeau and Bengio, Inference for the Generalization Error, 2003).

    Args:
        values: One figure for each fold, at least two.
        level: Share of such intervals that hold the true mean.

    Returns:
        `mean`, `low` and `high`.
    """
    folds = len(values)
    mean = statistics.fmean(values)
    error = statistics.stdev(values) * math.sqrt(1 / folds + 1 / (folds - 1))
    reach = float(stats.t.ppf((1 + level) / 2, folds - 1)) * error
    return {"mean": mean, "low": mean - reach, "high": mean + reach}
