"""Confidence intervals of means and shares, 95% everywhere."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scipy.special import ndtri, stdtrit

NORMAL_95 = 1.959964  # reach of a 95% interval in standard errors


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval.

    Attributes:
        mean: The figure.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    mean: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where the interval excludes zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    def moved_to(self, mean: float) -> "Interval":
        """Return an interval of the same width around another figure."""
        return Interval(*(end - self.mean + mean for end in (self.mean, self.low, self.high)))


class Sample(NamedTuple):
    """A mean over rows.

    Attributes:
        mean: The rows' mean.
        deviation: Their sample standard deviation; None, Spark's answer for one row, counts as 0.
        rows: Their number.
    """

    mean: float
    deviation: float | None
    rows: int


def mean_interval(values: Sequence[float]) -> Interval:
    """Compute a mean and its Student t interval.

    Args:
        values: At least two independent figures.

    Returns:
        Of no width where all values are the same.
    """
    error = statistics.stdev(values) / math.sqrt(len(values))
    return _students(values, error)


def rows_interval(sample: Sample) -> Interval:
    """Compute the 95% interval of a mean over many rows (normal approximation)."""
    return around(sample.mean, (sample.deviation or 0.0) / math.sqrt(sample.rows))


def classes_interval(negative: Sample, positive: Sample, prior: float) -> Interval:
    """Compute the 95% interval of a mean over a population that is sampled by class.

    Args:
        negative: What the rows of label 0 say.
        positive: What the rows of label 1 say.
        prior: Share of label 1 in the population, (0, 1).
    """
    parts = ((1 - prior, negative), (prior, positive))
    errors = [share * (part.deviation or 0.0) / math.sqrt(part.rows) for share, part in parts]
    return around(sum(share * part.mean for share, part in parts), math.hypot(*errors))


def around(mean: float, error: float) -> Interval:
    """Return the 95% interval of a figure with a standard error (normal approximation)."""
    reach = NORMAL_95 * error
    return Interval(mean, mean - reach, mean + reach)


def share_interval(hits: int, rows: int, odds: float = 1.0) -> Interval:
    """Compute a share and its 95% interval (Wilson, 1927), which never vanishes at 0 and 1.

    Args:
        hits: Rows that count.
        rows: All rows, at least one.
        odds: What the odds of the share and of both ends are multiplied by, above 0: the weight of
            a row that counts by that of another.
    """
    share, square = hits / rows, float(ndtri(0.975)) ** 2 / rows
    middle = (share + square / 2) / (1 + square)
    reach = math.sqrt(share * (1 - share) * square + square**2 / 4) / (1 + square)
    ends = (share, max(middle - reach, 0.0), min(middle + reach, 1.0))
    if odds == 1.0:
        return Interval(*ends)
    return Interval(*(odds * end / (odds * end + 1 - end) for end in ends))


def fold_interval(values: Sequence[float], repeats: int = 1) -> Interval:
    """Compute a mean over cross-validation's folds and its interval.

    Folds share most of their train rows, so that their figures vary less than those of independent
    trainings. The variance of the mean is corrected for it: 1/K + 1/(K - 1) instead of 1/K for K
    folds (Nadeau and Bengio, Inference for the Generalization Error, 2003); with repeats
    1/RK + 1/(K - 1) (Bouckaert and Frank, Evaluating the Replicability of Significance Tests for
    Comparing Learning Algorithms, 2004).

    Args:
        values: One figure for each fold of each repeat, at least two folds.
        repeats: Number of repeats, each with other folds.
    """
    folds = len(values) // repeats
    error = statistics.stdev(values) * math.sqrt(1 / len(values) + 1 / (folds - 1))
    return _students(values, error)


def _students(values: Sequence[float], error: float) -> Interval:
    """Return the mean and its Student t interval, given the mean's standard error."""
    mean = statistics.fmean(values)
    reach = float(stdtrit(len(values) - 1, 0.975)) * error
    return Interval(mean, mean - reach, mean + reach)
