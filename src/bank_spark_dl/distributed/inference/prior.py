"""Adjust probabilities to another share of label 1 than in the training rows (prior shift).

By Bayes' rule the log odds of every row shift by the log odds of the new share less those of the
share in training (Saerens, Latinne and Decaestecker, Adjusting the Outputs of a Classifier to New a
Priori Probabilities, 2002). The rows of a label must have the same distribution as in training.
"""

import math
from collections.abc import Sequence

from scipy.special import expit, logit

from bank_spark_dl.errors import ParameterError


def prior_shift(
    prior: float | None, class_rows: Sequence[float], class_weights: Sequence[float] | None
) -> float:
    """Return the shift of the log odds of label 1.

    Args:
        prior: Share of label 1 among the rows to be scored, (0, 1); None if it is the same.
        class_rows: Training rows of label 0 and 1, or sums of their weights.
        class_weights: Weights of the labels 0 and 1 in the loss, if it had some: a row of weight 2
            counts as two rows.

    Raises:
        ParameterError: A label has weight 0, so that its share in training is not known.
    """
    if prior is None:
        return 0.0
    weights = class_weights or (1.0, 1.0)
    if min(weights) == 0 or min(class_rows) == 0:
        raise ParameterError(
            "prior adjusts probabilities from the share of label 1 in training, which weights of 0 "
            "hide: give both labels a weight above 0, or set prior to None."
        )
    trained = math.log(class_rows[1] * weights[1]) - math.log(class_rows[0] * weights[0])
    return float(logit(prior)) - trained


def threshold_before_shift(threshold: float, shift: float) -> float:
    """Return the threshold before a shift of the log odds that equals the given one after it."""
    return float(expit(logit(threshold) - shift)) if shift else threshold
