"""Two classes: the probability of the positive one."""

from collections.abc import Mapping
from typing import Any

from pyspark.ml import Estimator
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.binary_evaluation import BinaryEvaluation
from bank_spark_dl.ml.models.baselines import (
    BOOSTING,
    LOGISTIC,
    baseline_estimators,
    gradient_boosting,
    prediction_columns,
)
from bank_spark_dl.ml.models.export import with_weights
from bank_spark_dl.ml.models.training import (
    baseline_threshold,
    binary_arguments,
    with_threshold,
)
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    DecisionOptions,
    ElephasOptions,
    GradientBoostingOptions,
)
from bank_spark_dl.tasks.task import Task


class Binary(Task):
    """Two classes."""

    name = "binary"
    trained_by = "ElephasClassifier"
    linear = LOGISTIC
    predicted = (("label_index", "double"), ("probability", "double"), ("prediction", "double"))

    def own_arguments(self, options: ElephasOptions, prior: float | None) -> dict[str, Any]:
        """See Task."""
        return binary_arguments(options, prior)

    def with_threshold(
        self, model: Any, threshold: object, decision: DecisionOptions | None, prior: float | None
    ) -> Any:
        """See Task."""
        return with_threshold(model, threshold, decision, prior)

    def network_threshold(self, model: Any) -> float | None:
        """See Task."""
        return float(model.getThreshold())

    def baseline_threshold(self, threshold: object) -> float | None:
        """See Task."""
        return baseline_threshold(threshold)

    def keras_model(self, network: Mapping[str, Any], trained: Any) -> Any:
        """See Task."""
        return with_weights(network, trained.weights, trained.calibration, trained.prior_shift)

    def baselines(self, options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task."""
        return baseline_estimators(options, seed)

    def boosting(self, options: GradientBoostingOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task."""
        return {BOOSTING: gradient_boosting(options, seed)}

    def predictions(
        self, predicted: DataFrame, threshold: float | None = None, odds: float = 1.0
    ) -> DataFrame:
        """See Task."""
        return prediction_columns(predicted, threshold, odds)

    def evaluation(self, target: Target, prior: float | None) -> BinaryEvaluation:
        """See Task."""
        return BinaryEvaluation(prior)
