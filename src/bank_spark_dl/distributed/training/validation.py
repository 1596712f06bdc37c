"""Summarize scored validation rows by what the network predicts."""

from typing import Any, Protocol, Self

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.inference.probability import (
    class_probabilities,
    positive_probability,
    predicted_numbers,
)
from bank_spark_dl.distributed.training.class_metrics import no_class_scores, score_classes
from bank_spark_dl.distributed.training.metrics import NO_SCORES, score_rows
from bank_spark_dl.distributed.training.number_metrics import NumberScores, score_numbers
from bank_spark_dl.distributed.training.train_step import ScoredRows


class Summary(Protocol):
    """A summary of scored rows that can be added to that of others."""

    def __add__(self, other: Any) -> Self:
        """Add the summary of other rows."""

    @property
    def weight(self) -> float:
        """Sum of the rows' weights, or their number."""

    def figures(self) -> dict[str, float]:
        """Return the `val_` figures of `history.Round`."""


def no_rows(config: TrainingConfig, plan: TrainingPlan) -> Any:
    """Return the summary of no rows, to begin a sum with."""
    classes = config.network.classes
    if classes is None:
        return NumberScores(_units(config, plan))
    return NO_SCORES if classes == 2 else no_class_scores(classes)


def summarize(
    rows: ScoredRows, config: TrainingConfig, plan: TrainingPlan, threshold: float
) -> Summary:
    """Summarize scored rows.

    Args:
        rows: The rows.
        config: The training's configuration.
        plan: Has the mean of labels that are numbers.
        threshold: Probability above which label 1 of two is predicted, before prior and
            calibration.
    """
    classes, (loss, label, weight) = config.network.classes, (rows.loss, rows.label, rows.weight)
    if classes is None:
        mean = 0.0 if config.standardize_label else plan.number.mean
        prediction = predicted_numbers(rows.outputs)
        return score_numbers(loss, prediction, label, weight, _units(config, plan), mean)
    if classes == 2:
        probability = positive_probability(rows.outputs)
        return score_rows(loss, probability, label, threshold, weight)
    probability = class_probabilities(rows.outputs)
    return score_classes(loss, probability, label, weight, config.thresholds)


def _units(config: TrainingConfig, plan: TrainingPlan) -> float:
    return plan.number.scale if config.standardize_label else 1.0
