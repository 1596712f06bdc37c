"""More than two classes: the probability of each."""

from collections.abc import Mapping
from typing import Any

from pyspark.ml import Estimator
from pyspark.ml.feature import IndexToString
from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import PREDICTED_CLASS
from bank_spark_dl.ml.evaluation.multiclass_evaluation import MulticlassEvaluation
from bank_spark_dl.ml.models.baselines import (
    LOGISTIC,
    baseline_estimators,
    class_predictions,
    class_shares,
)
from bank_spark_dl.ml.models.export import keras_classifier
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import BaselineOptions, ElephasOptions, GradientBoostingOptions
from bank_spark_dl.tasks.task import Task


class Multiclass(Task):
    """More than two classes."""

    name = "multiclass"
    trained_by = "ElephasClassifier"
    linear = LOGISTIC
    predicted = (
        ("label_index", "double"),
        ("probability", "array<double>"),
        ("prediction", "double"),
    )

    def own_arguments(self, options: ElephasOptions, prior: float | None) -> dict[str, Any]:
        """See Task."""
        return {"calibration": options.calibration}

    def keras_model(self, network: Mapping[str, Any], trained: Any) -> Any:
        """See Task."""
        return keras_classifier(network, trained.weights, trained.calibration)

    def baselines(self, options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task."""
        return baseline_estimators(options, seed) | class_shares()

    def boosting(self, options: GradientBoostingOptions, seed: int) -> dict[str, Estimator[Any]]:
        """See Task: Spark ML's boosting takes two classes only."""
        return {}

    def predictions(
        self, predicted: DataFrame, threshold: float | None = None, odds: float = 1.0
    ) -> DataFrame:
        """See Task."""
        return class_predictions(predicted)

    def evaluation(self, target: Target, prior: float | None) -> MulticlassEvaluation:
        """See Task."""
        return MulticlassEvaluation(target.classes)

    def scoring_stages(self, target: Target) -> list[Any]:
        """See Task: the name of the predicted class."""
        return [
            IndexToString(
                inputCol="prediction", outputCol=PREDICTED_CLASS, labels=list(target.classes)
            )
        ]
