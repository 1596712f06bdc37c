"""Probabilities for rows with another share of label 1 than those they were learnt from.

By Bayes' rule the log odds of every row move by the same: the log odds of the share of label 1 to
come less those of the share learnt from (Saerens, Latinne and Decaestecker, Adjusting the Outputs
of a Classifier to New a Priori Probabilities, 2002). The rows of a label must be of the same kind.
"""

import math

from scipy.special import expit, logit

from bank_spark_dl.errors import ParameterError


def prior_shift(
    prior: float | None, class_rows: tuple[int, int], class_weights: tuple[float, float] | None
) -> float:
    """Return by how much the log odds of label 1 move.

    Args:
        prior: Share of label 1 among the rows to come, (0, 1); None if it is the same.
        class_rows: Rows of label 0 and 1 that were learnt from.
        class_weights: Of the labels 0 and 1, where probabilities were learnt with them: a row of
            weight 2 is learnt like two rows.

    Raises:
        ParameterError: A label has no weight, so that nothing was learnt of its share.
    """
    if prior is None:
        return 0.0
    weights = class_weights or (1.0, 1.0)
    if min(weights) == 0:
        raise ParameterError(
            "prior turns the share of label 1 that was learnt into another one, but with a weight "
            "of 0 in class_weights no share is learnt: give both labels a weight, or no prior."
        )
    learnt = math.log(class_rows[1] * weights[1]) - math.log(class_rows[0] * weights[0])
    return float(logit(prior)) - learnt


def threshold_before(threshold: float, shift: float) -> float:
    """Return the threshold of the probabilities that a shift of log odds turns into those given."""
    return float(expit(logit(threshold) - shift)) if shift else threshold
