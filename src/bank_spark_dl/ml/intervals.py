"""Intervals of means."""

from collections.abc import Sequence

from scipy import stats


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
