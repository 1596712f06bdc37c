"""Turn a network's outputs into probabilities."""

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

LEAST_POSITIVE = 2.0**-126
"""Replaces a probability of 0 in log odds: the smallest normal float32."""
LEAST_NEGATIVE = 2.0**-54
"""Replaces 1 - probability where it is 0: half of the least that a double below 1 leaves."""


def positive_probability(outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Turn a network's outputs into the probability of label 1.

    Args:
        outputs: (rows, 2), independent sigmoids or a softmax, or (rows, 1), one sigmoid; or either
            for each of several members, (rows, members, 2) or (rows, members, 1).

    Returns:
        (rows,) float64: the second output's share of the sum, 0.5 where both are 0, or the only
        output; the mean over members. In [0, 1] if the outputs are; NaN where one is NaN.
    """
    wide = outputs.astype(np.float64)
    if wide.shape[-1] == 1:
        shares = wide[..., 0]
    else:
        total = wide.sum(axis=-1)
        even = np.full(total.shape, 0.5)
        shares = np.divide(wide[..., 1], total, out=even, where=total != 0)
    return shares if shares.ndim == 1 else shares.mean(axis=1)


def log_odds(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the log odds of probabilities in [0, 1]; they are finite at both ends too."""
    positive = np.maximum(probability, LEAST_POSITIVE)
    negative = np.maximum(1 - probability, LEAST_NEGATIVE)
    odds: npt.NDArray[np.float64] = np.log(positive) - np.log(negative)
    return odds


def class_probabilities(outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Turn the outputs of a network with more than two classes into probabilities.

    Args:
        outputs: (rows, classes), independent sigmoids or a softmax, or (rows, members, classes).

    Returns:
        (rows, classes) float64: each output's share of the sum, all the same where the sum is 0;
        the mean over members. In [0, 1] if the outputs are; NaN where one is NaN.
    """
    wide = outputs.astype(np.float64)
    total = wide.sum(axis=-1, keepdims=True)
    even = np.full(wide.shape, 1 / wide.shape[-1])
    shares = np.divide(wide, total, out=even, where=total != 0)
    return shares if shares.ndim == 2 else shares.mean(axis=1)


def predicted_numbers(outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Turn outputs (rows, 1) or (rows, members, 1) into predictions, (rows,): members' means."""
    numbers = outputs[..., 0].astype(np.float64)
    return numbers if numbers.ndim == 1 else numbers.mean(axis=1)


def tempered(probability: npt.NDArray[np.float64], slope: float) -> npt.NDArray[np.float64]:
    """Multiply the logarithms of probabilities, (rows, classes), and normalize them again."""
    logs = slope * np.log(np.maximum(probability, LEAST_POSITIVE))
    shares: npt.NDArray[np.float64] = softmax(logs, axis=1)
    return shares
