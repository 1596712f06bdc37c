"""Headline figures of rows that count by their weight, by Spark ML's own evaluators."""

from typing import Any

from pyspark.ml.evaluation import (
    BinaryClassificationEvaluator,
    MulticlassClassificationEvaluator,
    RegressionEvaluator,
)
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, WEIGHT
from bank_spark_dl.ml.evaluation.figures import WeightedClassFigures, WeightedRegressionFigures
from bank_spark_dl.ml.evaluation.regression import explained

_COLUMNS: dict[str, Any] = {"labelCol": LABEL_INDEX, "weightCol": WEIGHT}


def weighted_binary(predictions: DataFrame) -> WeightedClassFigures:
    """Measure predictions of two classes; see weighted_classes."""
    positive = F.col("probability")
    areas = BinaryClassificationEvaluator(
        rawPredictionCol="probability",
        numBins=0,  # exact
        **_COLUMNS,
    )
    auc = float(areas.evaluate(predictions))
    return weighted_classes(predictions, F.array(1.0 - positive, positive), auc)


def weighted_classes(
    predictions: DataFrame, probability: Column, auc: float | None = None
) -> WeightedClassFigures:
    """Measure predictions of classes.

    Args:
        predictions: `label_index`, `prediction` and `weight`.
        probability: An array of one probability a class.
        auc: Area under the ROC curve, of two classes.
    """
    vectors = predictions.withColumn("probability", array_to_vector(probability))
    evaluator = MulticlassClassificationEvaluator(**_COLUMNS)
    accuracy, loss = _figures(evaluator, vectors, "accuracy", "logLoss")
    return WeightedClassFigures(accuracy, loss, auc)


def weighted_numbers(predictions: DataFrame) -> WeightedRegressionFigures:
    """Measure predictions of numbers.

    R2 is not the evaluator's: its variance of the label is right only for weights of 1.

    Args:
        predictions: `label_index`, `prediction` and `weight`.
    """
    rmse, mae = _figures(RegressionEvaluator(**_COLUMNS), predictions, "rmse", "mae")
    mean = _mean(predictions, F.col(LABEL_INDEX))
    variance = _mean(predictions, (F.col(LABEL_INDEX) - mean) ** 2)
    return WeightedRegressionFigures(rmse, mae, explained(rmse**2, variance))


def _mean(rows: DataFrame, value: Column) -> float:
    weight = F.col(WEIGHT)
    return float(rows.agg(F.sum(weight * value) / F.sum(weight)).collect()[0][0])


def _figures(evaluator: Any, predictions: DataFrame, *names: str) -> list[float]:
    return [evaluator.evaluate(predictions, {evaluator.metricName: name}) for name in names]
