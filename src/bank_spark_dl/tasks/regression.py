"""A number."""

from collections.abc import Mapping
from typing import Any

from pyspark.ml import Estimator
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.data.label_check import COUNT_LOSSES
from bank_spark_dl.ml.evaluation.regression_evaluation import RegressionEvaluation
from bank_spark_dl.ml.models.baselines import (
    BOOSTING,
    LINEAR,
    gradient_boosting,
    mean,
    number_predictions,
    regression_estimators,
)
from bank_spark_dl.ml.models.export import keras_regressor
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import BaselineOptions, ElephasOptions, GradientBoostingOptions
from bank_spark_dl.tasks.task import Task


class Regression(Task):
    """A number."""

    name = "regression"
    trained_by = "ElephasRegressor"
    linear = LINEAR
    predicted = (("label_index", "double"), ("prediction", "double"))

    def own_arguments(self, options: ElephasOptions, prior: float | None) -> dict[str, Any]:
        """See Task: counts cannot be standardized, which makes some of them negative."""
        return {"standardizeLabel": options.loss not in COUNT_LOSSES}

    def keras_model(self, network: Mapping[str, Any], trained: Any) -> Any:
        """See Task."""
        return keras_regressor(network, trained.weights, trained.label_mean, trained.label_scale)

    def baselines(self, options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task."""
        return regression_estimators(options, seed) | mean()

    def boosting(self, options: GradientBoostingOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task."""
        return {BOOSTING: gradient_boosting(options, seed, numbers=True)}

    def predictions(
        self, predicted: DataFrame, threshold: float | None = None, odds: float = 1.0
    ) -> DataFrame:
        """See Task."""
        return number_predictions(predicted)

    def evaluation(self, target: Target, prior: float | None) -> RegressionEvaluation:
        """See Task."""
        return RegressionEvaluation()
