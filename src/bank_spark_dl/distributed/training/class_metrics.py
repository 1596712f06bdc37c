"""Summarize scored validation rows of more than two classes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

TOP_K = 3
MOST_BINS = 1 << 17
"""Bins of all classes together: workers send 2 MiB of them."""
MOST_SHARES = 1 << 20
"""Probabilities that are summarized at once: 8 MiB an array."""
_LEAST_PROBABILITY = 1e-15
"""Log loss stays finite for a certain and wrong prediction."""


@dataclass(frozen=True)
class ClassScores:
    """A summary of scored rows, whose size does not depend on their number.

    All sums are weighted where rows have weights.

    Attributes:
        loss: Sum of the rows' losses.
        log_loss: Sum of their log losses, in nats.
        correct: Rows whose most probable class is right.
        top_k: Rows whose class is among the `TOP_K` most probable ones.
        bins: (2, classes, bins) float64: by probability of each class, the rows of other classes
            and the rows of this class.
    """

    loss: float
    log_loss: float
    correct: float
    top_k: float
    bins: npt.NDArray[np.float64]

    def __add__(self, other: "ClassScores") -> "ClassScores":
        """Add the summary of other rows."""
        return ClassScores(
            self.loss + other.loss,
            self.log_loss + other.log_loss,
            self.correct + other.correct,
            self.top_k + other.top_k,
            self.bins + other.bins,
        )

    @property
    def weight(self) -> float:
        """Sum of the rows' weights, or their number."""
        return float(self.bins[:, 0].sum())

    def figures(self) -> dict[str, float]:
        """Return the `val_` figures of `history.Round`; without two classes there is no AUC."""
        weight = self.weight or 1.0
        figures = {
            "val_loss": self.loss / weight,
            "val_log_loss": self.log_loss / weight,
            "val_accuracy": self.correct / weight,
            "val_top_k": self.top_k / weight,
        }
        others, own = self.bins
        pairs = others.sum(axis=1) * own.sum(axis=1)
        there = pairs > 0
        if not there.any():
            return figures
        below = np.cumsum(others, axis=1) - others
        ties = (own * others).sum(axis=1)[there] / 2 / pairs[there]
        areas = (own * below).sum(axis=1)[there] / pairs[there] + ties
        return figures | {
            "val_auc": float(areas.mean()),
            "val_auc_error": float(ties.mean()),
            "val_auc_weighted": float(np.average(areas, weights=own.sum(axis=1)[there])),
        }


def no_class_scores(classes: int) -> ClassScores:
    """Return the summary of no rows."""
    return ClassScores(0.0, 0.0, 0.0, 0.0, np.zeros((2, classes, _bins(classes))))


def score_classes(
    loss: float,
    probability: npt.NDArray[np.float64],
    label: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float64] | None,
    thresholds: Sequence[float] | None = None,
) -> ClassScores:
    """Summarize scored rows.

    Args:
        loss: Sum of the rows' losses.
        probability: Of each class, (rows, classes).
        label: 0 to classes - 1, (rows,).
        weight: Of the rows, (rows,); None: each is 1.
        thresholds: Probabilities are divided by these, (classes,), to predict a class.

    Returns:
        The summary. If an output is no probability, the loss is NaN.
    """
    weight = np.ones(len(label)) if weight is None else weight
    known = ((probability >= 0) & (probability <= 1)).all(axis=1)
    if not known.all():
        loss, probability, label, weight = np.nan, probability[known], label[known], weight[known]
    classes, number = probability.shape[1], label.astype(np.int64)
    total = replace(no_class_scores(classes), loss=loss)
    rows = max(MOST_SHARES // classes, 1)
    for start in range(0, len(label), rows):
        part = slice(start, start + rows)
        total += _summary(probability[part], number[part], weight[part], thresholds)
    return total


def _summary(
    probability: npt.NDArray[np.float64],
    number: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    thresholds: Sequence[float] | None,
) -> ClassScores:
    """Summarize rows of known probabilities, without their loss."""
    rows, classes = probability.shape
    own = number[:, np.newaxis] == np.arange(classes)
    stated = probability[np.arange(rows), number]
    higher = probability > stated[:, np.newaxis]
    same_before = (probability == stated[:, np.newaxis]) & (
        np.arange(classes) < number[:, np.newaxis]
    )
    rank = (higher | same_before).sum(axis=1)
    bins = _bins(classes)
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    cell = (own * classes + np.arange(classes)) * bins + place
    counts: npt.NDArray[np.float64] = np.bincount(
        cell.ravel(), np.repeat(weight, classes), minlength=2 * classes * bins
    ).astype(np.float64)
    return ClassScores(
        loss=0.0,
        log_loss=float(-np.log(np.maximum(stated, _LEAST_PROBABILITY)) @ weight),
        correct=float(weight[_predicted(probability, thresholds) == number].sum()),
        top_k=float(weight[rank < TOP_K].sum()),
        bins=counts.reshape(2, classes, bins),
    )


def _predicted(
    probability: npt.NDArray[np.float64], thresholds: Sequence[float] | None
) -> npt.NDArray[np.int64]:
    """Predict classes as `scoring.predicted_class` does."""
    stated = probability
    if thresholds is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            stated = np.nan_to_num(probability / np.array(thresholds), nan=-1.0, posinf=np.inf)
    predicted: npt.NDArray[np.int64] = stated.argmax(axis=1)
    return predicted


def _bins(classes: int) -> int:
    return max(min(MOST_BINS // classes, 16_384), 1)
