"""Calibrate probabilities on the validation rows.

The calibrated log odds are `slope * log_odds + intercept`: temperature scaling if the intercept is
0 (Guo et al., On Calibration of Modern Neural Networks, 2017), else Platt scaling (Platt,
Probabilistic Outputs for Support Vector Machines, 1999). Both keep the order of the rows, because
the slope is at least 0.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column
from pyspark.sql import functions as sf
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logsumexp

from bank_spark_dl.distributed.inference.probability import LEAST_NEGATIVE, LEAST_POSITIVE, log_odds


@dataclass(frozen=True)
class Calibration:
    """A linear function of log odds.

    Attributes:
        slope: 1 leaves log odds as they are; below 1 the network was overconfident.
        intercept: 0 leaves them as they are.
        clip: Models of earlier versions clip probabilities to [clip, 1 - clip]; 0 in new ones.
    """

    slope: float = 1.0
    intercept: float = 0.0
    clip: float = 0.0

    @property
    def is_identity(self) -> bool:
        """Whether probabilities stay as they are."""
        return (self.slope, self.intercept) == (1.0, 0.0)

    def shifted(self, log_odds: float) -> "Calibration":
        """Return the calibration with so much more log odds."""
        return replace(self, intercept=self.intercept + log_odds)

    def apply(self, probability: Column) -> Column:
        """Calibrate a column of probabilities."""
        if self.is_identity:
            return probability
        known = sf.least(sf.greatest(probability, sf.lit(self.clip)), sf.lit(1 - self.clip))
        positive = sf.greatest(known, sf.lit(LEAST_POSITIVE))
        negative = sf.greatest(1 - known, sf.lit(LEAST_NEGATIVE))
        odds = sf.log(positive) - sf.log(negative)
        return 1 / (1 + sf.exp(-(odds * self.slope + self.intercept)))

    def calibrate(self, probability: float) -> float:
        """Calibrate one probability in [0, 1]."""
        if self.is_identity:
            return probability
        known = np.clip(probability, self.clip, 1 - self.clip)
        return float(expit(log_odds(known) * self.slope + self.intercept))


SLOPES = 2.0 ** np.linspace(-4, 4, 65)
"""Slopes, 1 / temperature, at which the log loss of more than two classes is computed."""
_MOST_SHARES = 1 << 20
"""Probabilities that are tempered at once: 8 MiB an array."""


def temperature_sums(
    probability: npt.NDArray[np.float64],
    label: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float64] | None,
) -> npt.NDArray[np.float64]:
    """Sum what the log loss of rows is made of for all `SLOPES`; workers' sums can be added.

    Args:
        probability: Of each class, (rows, classes).
        label: (rows,).
        weight: (rows,); None: each is 1.

    Returns:
        (slopes + 2,): of `log(sum(probability ** slope))` for each slope, of the logarithm of the
        label's probability, and of the mean logarithm of the other classes' probabilities.
    """
    weight = np.ones(len(label)) if weight is None else weight
    classes = probability.shape[1]
    total, rows = np.zeros(len(SLOPES) + 2), max(_MOST_SHARES // classes, 1)
    for start in range(0, len(label), rows):
        logs = np.log(np.maximum(probability[start : start + rows], LEAST_POSITIVE))
        number = label[start : start + rows].astype(np.int64)
        own, part = logs[np.arange(len(logs)), number], weight[start : start + rows]
        others = (logs.sum(axis=1) - own) / (classes - 1)
        total[:-2] += [part @ logsumexp(slope * logs, axis=1) for slope in SLOPES]
        total[-2:] += part @ own, part @ others
    return total


def fit_temperature(sums: npt.NDArray[np.float64], rows: int) -> Calibration:
    """Fit temperature scaling of more than two classes.

    Args:
        sums: Sum of `temperature_sums`.
        rows: Validation rows. The label counts as (rows + 1) / (rows + 2) of a row and the other
            classes share the rest, as in Platt's paper, so that rows that are all predicted
            correctly do not lead to certainty.

    Returns:
        The slope of the smallest log loss: of the parabola through the smallest of the sums and its
        neighbours, by the logarithm of the slope. The identity if there were no rows.
    """
    if not rows or not sums.any():
        return Calibration()
    own, others = sums[-2:]
    losses = sums[:-2] - SLOPES * ((rows + 1) * own + others) / (rows + 2)
    best = int(np.clip(np.argmin(losses), 1, len(SLOPES) - 2))
    before, at, after = losses[best - 1 : best + 2]
    bend = before - 2 * at + after
    shift = np.clip((before - after) / (2 * bend), -1, 1) if bend > 0 else 0.0
    step = np.log2(SLOPES[1] / SLOPES[0])
    return Calibration(float(SLOPES[best] * 2 ** (shift * step)))


OLD_CLIP = 0.5 / 16_384
"""Clip of models that were saved without one."""


def fit_calibration(
    bins: npt.NDArray[np.int64], method: str, end_odds: npt.NDArray[np.float64] | None = None
) -> Calibration:
    """Fit a calibration to counts of validation rows by probability.

    Args:
        bins: (2, n_bins) rows of label 0 and 1 by probability, see `metrics.Scores`. A row counts
            as the middle of its bin.
        method: none, temperature or platt.
        end_odds: (2,) sums of the log odds of the rows in the first and in the last bin, which can
            lie far from their middles: those rows count as the mean of their bin.

    Returns:
        The maximum-likelihood calibration. Labels are smoothed as in Platt's paper, so that
        separable rows do not lead to infinite log odds.
    """
    negatives, positives = bins.sum(axis=1)
    if method == "none" or negatives == 0 or positives == 0:
        return Calibration()
    middles = (np.arange(bins.shape[1]) + 0.5) / bins.shape[1]
    odds = np.log(middles / (1 - middles))
    if end_odds is not None:
        ends = bins[:, [0, -1]].sum(axis=0)
        odds[[0, -1]] = end_odds / np.where(ends == 0, 1, ends)
    used = bins.sum(axis=0) > 0
    odds, rows = odds[used], bins[:, used].astype(float)
    target_0, target_1 = 1 / (negatives + 2), (positives + 1) / (positives + 2)
    ones = rows[0] * target_0 + rows[1] * target_1
    zeros = rows.sum(axis=0) - ones

    def loss(line: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        shifted = odds * line[0] + (line[1] if len(line) > 1 else 0.0)
        residual = (ones + zeros) * expit(shifted) - ones
        gradient = np.array([residual @ odds, residual.sum()])[: len(line)]
        value = -(ones @ log_expit(shifted) + zeros @ log_expit(-shifted))
        return value / rows.sum(), gradient / rows.sum()

    start = [1.0] if method == "temperature" else [1.0, 0.0]
    bounds = [(0.0, None), (None, None)][: len(start)]  # to keep the order of the rows
    line = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(line[0]), float(line[1]) if len(line) > 1 else 0.0)
