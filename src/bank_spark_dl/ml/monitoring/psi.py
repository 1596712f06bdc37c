"""Population stability index (PSI): the distance of two distributions over the same bins."""

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtri

FEWEST = 0.5  # rows that an empty bin is taken to have: the logarithm of none is not finite
CONFIDENCE = 0.999  # one column in a thousand without drift exceeds psi_by_chance


def population_stability_index(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Sum (a - e) ln(a / e) over the bins that hold a row, e and a being a bin's shares.

    It is 0 for equal shares and never negative. The usual reading: below 0.1 hardly a change, up
    to 0.25 some, above it a large one (N. Siddiqi, Credit Risk Scorecards, 2006).

    Args:
        expected: Rows in each bin, at least one in all.
        actual: Rows of the other distribution in the same bins, at least one in all.
    """
    pairs = np.array([pair for pair in zip(expected, actual, strict=True) if any(pair)])
    e, a = (np.maximum(rows, FEWEST) / rows.sum() for rows in pairs.T)
    return float(np.sum((a - e) * np.log(a / e)))


def psi_by_chance(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Return the 99.9th percentile of the PSI of two samples of one distribution.

    For samples of m and n rows in B bins that are not empty, the PSI is close to (1/m + 1/n) times
    a chi-square variable with B - 1 degrees of freedom (B. Yurdakul, Statistical Properties of
    Population Stability Index, 2018): the PSI of small samples is large without any drift.

    Args:
        expected: Rows in each bin, at least one in all.
        actual: Rows of the other sample in the same bins, at least one in all.
    """
    filled = sum(1 for pair in zip(expected, actual, strict=True) if any(pair))
    if filled < 2:
        return 0.0
    return float(chdtri(filled - 1, 1 - CONFIDENCE) * (1 / sum(expected) + 1 / sum(actual)))
