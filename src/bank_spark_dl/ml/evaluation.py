"""Measure predictions where they lie: only counts and sums reach the driver."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.intervals import rows_interval

CALIBRATION_BINS = 10
SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction


def evaluate(predictions: DataFrame) -> dict[str, Any]:
    """Measure the predictions of a binary classifier.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.

    Returns:
        `rows`, `accuracy`, `auc` (exact area under the ROC curve; ties count half), `log_loss`
        (nats per row), `calibration_error` (see calibration_error) and `confusion_matrix` (rows are
        true classes, columns predicted ones).
    """
    cells = (
        predictions.groupBy(LABEL_INDEX, "prediction")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.sum(row_loss()).alias("loss"),
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
        "calibration_error": calibration_error(reliability(predictions)),
        "confusion_matrix": matrix,
    }


def compare(ours: DataFrame, theirs: DataFrame) -> dict[str, dict[str, float]]:
    """Compare two models on the same rows.

    Args:
        ours: `row_id`, `label_index`, `probability` and `prediction` of one model.
        theirs: The same of another model, for the same rows.

    Returns:
        `accuracy` and `log_loss`: ours minus theirs as `mean` with `low` and `high` of its 95%
        interval, from the standard error of the rows' differences.
    """
    paired = _row_figures(ours, "our").join(_row_figures(theirs, "their"), ROW_ID)
    figures = ("accuracy", "log_loss")
    differences = {key: F.col(f"our_{key}") - F.col(f"their_{key}") for key in figures}
    row = paired.agg(
        F.count(F.lit(1)),
        *(F.mean(column) for column in differences.values()),
        *(F.stddev(column) for column in differences.values()),
    ).collect()[0]
    return {
        key: rows_interval(mean, deviation, row[0])
        for key, mean, deviation in zip(figures, row[1:3], row[3:5], strict=True)
    }


def _row_figures(predictions: DataFrame, whose: str) -> DataFrame:
    return predictions.select(
        ROW_ID,
        is_right().cast("double").alias(f"{whose}_accuracy"),
        row_loss().alias(f"{whose}_log_loss"),
    )


def is_right() -> Column:
    """Whether a row's `prediction` is its `label_index`."""
    return F.col("prediction") == F.col(LABEL_INDEX)


def row_loss() -> Column:
    """Log loss of a row in nats, from `label_index` and `probability`."""
    likelihood = F.when(F.col(LABEL_INDEX) == 1.0, F.col("probability")).otherwise(
        1.0 - F.col("probability")
    )
    return -F.log(F.greatest(likelihood, F.lit(SMALLEST_PROBABILITY)))


def area_under_roc(predictions: DataFrame) -> float:
    """Return the exact area under the ROC curve of `probability` against `label_index`."""
    evaluator = BinaryClassificationEvaluator(
        rawPredictionCol="probability", labelCol=LABEL_INDEX, numBins=0
    )
    return float(evaluator.evaluate(predictions))


def reliability(predictions: DataFrame, bins: int = CALIBRATION_BINS) -> list[dict[str, float]]:
    """Compare stated probabilities with what happened.

    Args:
        predictions: `label_index` and `probability`.
        bins: Number of intervals of equal width.

    Returns:
        For each interval that holds rows, in order: `rows`, their mean `probability` and the share
        of `positives` among them.
    """
    place = F.least(F.floor(F.col("probability") * bins), F.lit(bins - 1))
    found = (
        predictions.groupBy(place.alias("bin"))
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.mean("probability").alias("probability"),
            F.mean(LABEL_INDEX).alias("positives"),
        )
        .orderBy("bin")
        .drop("bin")
    )
    return [row.asDict() for row in found.collect()]


def calibration_error(bins: Sequence[Mapping[str, float]]) -> float:
    """Compute the expected calibration error (Naeini, Cooper and Hauskrecht, 2015).

    Args:
        bins: The answer of reliability.

    Returns:
        Mean distance, by rows, between the stated probability and the share of positives, [0, 1].
    """
    rows = sum(entry["rows"] for entry in bins)
    return sum(
        entry["rows"] * abs(entry["probability"] - entry["positives"]) / rows for entry in bins
    )


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
