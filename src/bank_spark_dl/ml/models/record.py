"""The record of a training, with what decides its predictions."""

from dataclasses import dataclass, fields
from typing import Any

from bank_spark_dl.distributed import TrainingHistory
from bank_spark_dl.ml.evaluation.results import ModelFacts


@dataclass(frozen=True, kw_only=True)
class TrainingRecord(TrainingHistory):
    """The dataset `training_history`.

    Attributes:
        inputs: Length of the feature vector.
        parameters: Weights, trainable or not.
        threshold: Probability above which the network predicts the positive class of two; None:
            there are not two.
        baseline_threshold: The same of the models it is compared with.
    """

    inputs: int
    parameters: int
    threshold: float | None
    baseline_threshold: float | None

    def facts(self) -> ModelFacts:
        """Return what the metrics say of the network."""
        names = {field.name for field in fields(ModelFacts)} - {"rounds"}
        return ModelFacts(**{name: getattr(self, name) for name in names}, rounds=len(self.rounds))


def record_training(model: Any, thresholds: tuple[float | None, float | None]) -> TrainingRecord:
    """Make the record of a training.

    Args:
        model: The engine's model.
        thresholds: Probability above which it predicts the positive class, and that of the models
            that it is compared with; None where there are not two
            classes.
    """
    ours, theirs = thresholds
    return TrainingRecord(
        **vars(model.history),
        inputs=model.num_features,
        parameters=sum(array.size for array in model.weights),
        threshold=ours,
        baseline_threshold=theirs,
    )
