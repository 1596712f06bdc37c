"""Measure predictions where they lie: only counts and sums reach the driver."""

from typing import Any

from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import LABEL_INDEX

SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction


def evaluate(predictions: DataFrame) -> dict[str, Any]:
    """Measure the predictions of a binary classifier.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.

    Returns:
        `rows`, `accuracy`, `auc` (exact area under the ROC curve; ties count half), `log_loss`
        (nats per row) and `confusion_matrix` (rows are true classes, columns predicted ones).
    """
    likelihood = F.when(F.col(LABEL_INDEX) == 1.0, F.col("probability")).otherwise(
        1.0 - F.col("probability")
    )
    cells = (
        predictions.groupBy(LABEL_INDEX, "prediction")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.sum(-F.log(F.greatest(likelihood, F.lit(SMALLEST_PROBABILITY)))).alias("loss"),
        )
        .collect()
    )
    matrix = [[0, 0], [0, 0]]
    for cell in cells:
        matrix[int(cell[LABEL_INDEX])][int(cell["prediction"])] = cell["rows"]
    rows = sum(map(sum, matrix))
    return {
        "rows": rows,
        "accuracy": (matrix[0][0] + matrix[1][1]) / rows,
        "auc": area_under_roc(predictions),
        "log_loss": sum(sorted(cell["loss"] for cell in cells)) / rows,
        "confusion_matrix": matrix,
    }


def area_under_roc(predictions: DataFrame) -> float:
    """Return the exact area under the ROC curve of `probability` against `label_index`."""
    evaluator = BinaryClassificationEvaluator(
        rawPredictionCol="probability", labelCol=LABEL_INDEX, numBins=0
    )
    return float(evaluator.evaluate(predictions))


def roc_points(predictions: DataFrame, points: int) -> tuple[list[float], list[float]]:
    """Return the ROC curve at equally spaced thresholds.

    Args:
        predictions: `label_index` and `probability`.
        points: Number of thresholds; at most this many rows reach the driver.

    Returns:
        False positive rates and true positive rates, from (0, 0) to (1, 1). Each point lies on the
        exact curve; the line between two points does so only approximately.
    """
    threshold = F.least(F.floor(F.col("probability") * points), F.lit(points - 1))
    bins = (
        predictions.groupBy(threshold.alias("bin"))
        .agg(F.sum(LABEL_INDEX).alias("positives"), F.count(F.lit(1)).alias("rows"))
        .orderBy(F.desc("bin"))
        .collect()
    )
    positives = sum(row["positives"] for row in bins)
    negatives = sum(row["rows"] for row in bins) - positives
    false_rates, true_rates, false, true = [0.0], [0.0], 0.0, 0.0
    for row in bins:
        true += row["positives"]
        false += row["rows"] - row["positives"]
        false_rates.append(false / negatives)
        true_rates.append(true / positives)
    return false_rates, true_rates
