"""Summarize scored validation rows of two classes so that the workers' summaries can be added."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.inference.probability import log_odds

SCORE_BINS = 16_384


@dataclass(frozen=True)
class Scores:
    """A summary of scored rows, whose size does not depend on their number.

    Attributes:
        loss: Sum of the rows' losses.
        correct: Rows whose predicted class is right.
        bins: (2, SCORE_BINS) int64: rows of label 0 and 1 by probability; sums of their weights,
            float64, if they have some.
        end_odds: (2,) float64: sums of the log odds of the rows in the first and in the last bin.
    """

    loss: float
    correct: float
    bins: npt.NDArray[Any]
    end_odds: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))

    def __add__(self, other: "Scores") -> "Scores":
        """Add the summary of other rows."""
        return Scores(
            self.loss + other.loss,
            self.correct + other.correct,
            self.bins + other.bins,
            self.end_odds + other.end_odds,
        )

    @property
    def weight(self) -> float:
        """Sum of the rows' weights, or their number."""
        total: float = self.bins.sum().item()
        return total

    def figures(self) -> dict[str, float]:
        """Return the `val_` figures of `history.Round`; without both labels there is no AUC."""
        negatives, positives = self.bins
        rows = self.weight or 1
        figures = {"val_loss": self.loss / rows, "val_accuracy": self.correct / rows}
        pairs = negatives.sum().item() * positives.sum().item()
        if pairs:
            below = np.cumsum(negatives) - negatives
            ties = float(positives @ negatives) / 2
            figures["val_auc"] = (float(positives @ below) + ties) / pairs
            figures["val_auc_error"] = ties / pairs
        return figures


NO_SCORES = Scores(0.0, 0, np.zeros((2, SCORE_BINS), dtype=np.int64))
"""The summary of no rows."""


def score_rows(
    loss: float,
    probability: npt.NDArray[np.float64],
    label: npt.NDArray[np.float32],
    threshold: float,
    weight: npt.NDArray[np.float64] | None = None,
) -> Scores:
    """Summarize scored rows.

    Args:
        loss: Sum of the rows' losses.
        probability: Of label 1, (rows,).
        label: 0 or 1, (rows,).
        threshold: A row is predicted as 1 above it.
        weight: Of the rows, (rows,); None: each is 1.

    Returns:
        The summary. If an output is no probability, the loss is NaN.
    """
    known = (probability >= 0) & (probability <= 1)
    if not known.all():
        loss, probability, label = np.nan, probability[known], label[known]
        weight = None if weight is None else weight[known]
    bin_of = np.minimum((probability * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
    bins = np.stack([_count(bin_of, label == n, weight) for n in (0, 1)])
    right = (probability > threshold) == (label == 1)
    correct = int(np.sum(right)) if weight is None else float(weight[right].sum())
    ends = [_sum_odds(probability, bin_of == end, weight) for end in (0, SCORE_BINS - 1)]
    return Scores(loss, correct, bins, np.array(ends))


def _sum_odds(
    probability: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64] | None,
) -> float:
    odds = log_odds(probability[chosen])
    return float((odds if weight is None else odds * weight[chosen]).sum())


def _count(
    bin_of: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64] | None,
) -> npt.NDArray[Any]:
    weights = None if weight is None else weight[chosen]
    return np.bincount(bin_of[chosen], weights, minlength=SCORE_BINS)
