"""Measure predictions where they lie: only counts and sums reach the driver."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.intervals import rows_interval
from bank_spark_dl.ml.profile import one_job_per_action

CALIBRATION_BINS = 10
BINS = 100 * CALIBRATION_BINS  # each is put in order by one task
SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction
ALL, BIN = "__all__", "__bin__"
COUNTS = ("yes", "no", "yes_as_yes", "no_as_yes")


def evaluate(predictions: DataFrame) -> dict[str, Any]:
    """Measure the predictions of a binary classifier, in one Spark job.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.

    Returns:
        `rows`, `accuracy`, `auc` (exact area under the ROC curve; ties count half; 0.5 where a
        class is missing), `log_loss` (nats per row), `calibration_error` (see calibration_error)
        and `confusion_matrix` (rows are true classes, columns predicted ones).
    """
    return evaluate_each(predictions.withColumn(ALL, F.lit(0)), ALL)[(0,)]


def evaluate_each(predictions: DataFrame, *by: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: See evaluate.
        *by: Columns whose values tell the sets apart.

    Returns:
        For each set, in the order of its values of these columns, the figures of evaluate.
    """
    with one_job_per_action(predictions.sparkSession):
        rows = _totals(_binned(predictions, by), by).collect()
    found = {tuple(row[name] for name in by): _figures(row) for row in rows}
    return {key: found[key] for key in sorted(found)}


def _binned(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up everything that figures are made of, for each bin of probabilities.

    `pairs` counts the pairs of a negative and a positive in a bin that are in the right order; ties
    count half. Bins keep tasks small: each orders the probabilities of its own bins.
    """
    yes, called = F.col(LABEL_INDEX), F.col("prediction")
    alike = predictions.groupBy(*by, "probability").agg(
        F.sum(yes).alias("yes"),
        F.sum(1 - yes).alias("no"),
        F.sum(yes * called).alias("yes_as_yes"),
        F.sum((1 - yes) * called).alias("no_as_yes"),
    )
    place = F.least(F.floor(F.col("probability") * BINS), F.lit(BINS - 1))
    likely, unlikely = F.col("probability"), 1.0 - F.col("probability")
    no_below = _sum_before("no", [*by, BIN], "probability")
    return (
        alike.withColumn(BIN, place)
        .withColumn("pairs", F.col("yes") * (no_below + F.col("no") / 2))
        .groupBy(*by, BIN)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, "pairs")),
            F.sum(_loss(likely) * F.col("yes") + _loss(unlikely) * F.col("no")).alias("loss"),
            F.sum(likely * (F.col("yes") + F.col("no"))).alias("stated"),
        )
    )


def _totals(bins: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up the bins of each set: a row for each, whatever the number of predictions.

    The pairs of different bins are in order by their bins. `gaps` holds for each tenth of the
    probabilities how much the stated ones add up to, less the positives.
    """
    gap, tenth = F.col("stated") - F.col("yes"), F.floor(F.col(BIN) * CALIBRATION_BINS / BINS)
    gaps = (F.sum(F.when(tenth == number, gap)) for number in range(CALIBRATION_BINS))
    no_below = _sum_before("no", by, BIN)
    return (
        bins.withColumn("pairs", F.col("pairs") + F.col("yes") * no_below)
        .groupBy(*by)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, "pairs", "loss")),
            F.array(*gaps).alias("gaps"),
        )
    )


def _sum_before(name: str, within: Sequence[str], order: str) -> Column:
    """Sum a column over the rows before each, 0.0 for the first."""
    window = Window.partitionBy(*within).orderBy(order)
    before = window.rowsBetween(Window.unboundedPreceding, Window.currentRow - 1)
    return F.coalesce(F.sum(name).over(before), F.lit(0.0))


def _figures(totals: Row) -> dict[str, Any]:
    yes, no, yes_as_yes, no_as_yes = (int(totals[name]) for name in COUNTS)
    rows, pairs = yes + no, yes * no
    return {
        "rows": rows,
        "accuracy": (no - no_as_yes + yes_as_yes) / rows,
        "auc": totals["pairs"] / pairs if pairs else 0.5,
        "log_loss": totals["loss"] / rows,
        "calibration_error": sum(abs(gap or 0.0) for gap in totals["gaps"]) / rows,
        "confusion_matrix": [[no - no_as_yes, no_as_yes], [yes - yes_as_yes, yes_as_yes]],
    }


def compare(ours: DataFrame, theirs: DataFrame, by: str) -> dict[str, dict[str, dict[str, float]]]:
    """Compare a model with others on the same rows, in one Spark job.

    Args:
        ours: `row_id`, `label_index`, `probability` and `prediction` of one model.
        theirs: The same of other models, for the same rows.
        by: The column that tells these models apart.

    Returns:
        For each of them `accuracy` and `log_loss`: ours minus theirs as `mean` with `low` and
        `high` of its 95% interval, from the standard error of the rows' differences.
    """
    paired = _row_figures(ours, "our").join(_row_figures(theirs, "their", by), ROW_ID)
    figures = ("accuracy", "log_loss")
    differences = {key: F.col(f"our_{key}") - F.col(f"their_{key}") for key in figures}
    with one_job_per_action(ours.sparkSession):
        found = (
            paired.groupBy(by)
            .agg(
                F.count(F.lit(1)).alias("rows"),
                *(F.mean(column).alias(f"{key}_mean") for key, column in differences.items()),
                *(F.stddev(column).alias(f"{key}_std") for key, column in differences.items()),
            )
            .collect()
        )
    return {
        row[by]: {
            key: rows_interval(row[f"{key}_mean"], row[f"{key}_std"], row["rows"])
            for key in figures
        }
        for row in sorted(found, key=lambda row: str(row[by]))
    }


def _row_figures(predictions: DataFrame, whose: str, *kept: str) -> DataFrame:
    return predictions.select(
        ROW_ID,
        *kept,
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
    return _loss(likelihood)


def _loss(likelihood: Column) -> Column:
    return -F.log(F.greatest(likelihood, F.lit(SMALLEST_PROBABILITY)))


def reliability(predictions: DataFrame, bins: int = CALIBRATION_BINS) -> list[dict[str, float]]:
    """Compare stated probabilities with what happened.

    Args:
        predictions: `label_index` and `probability`.
        bins: Number of intervals of equal width.

    Returns:
        For each interval that holds rows, in order: `rows`, their mean `probability` and the share
        of `positives` among them, all exact.
    """
    place = F.least(F.floor(F.col("probability") * bins), F.lit(bins - 1))
    with one_job_per_action(predictions.sparkSession):
        found = (
            predictions.groupBy(place.alias(BIN))
            .agg(
                F.count(F.lit(1)).alias("rows"),
                F.mean("probability").alias("probability"),
                F.mean(LABEL_INDEX).alias("positives"),
            )
            .collect()
        )
    names = ("rows", "probability", "positives")
    return [{name: row[name] for name in names} for row in sorted(found, key=lambda row: row[BIN])]


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


def roc_points(
    predictions: DataFrame, points: int, by: str
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the ROC curves of several models at equally spaced thresholds, in one Spark job.

    Args:
        predictions: `label_index` and `probability`.
        points: Number of thresholds; at most this many rows for each model reach the driver.
        by: The column that tells the models apart.

    Returns:
        For each model false positive rates and true positive rates, from (0, 0) to (1, 1). Each
        point lies on the exact curve. Between two points the exact curve stays in the rectangle
        that they span: a straight line is off by less than their distance in either rate.
    """
    threshold = F.least(F.floor(F.col("probability") * points), F.lit(points - 1))
    with one_job_per_action(predictions.sparkSession):
        rows = (
            predictions.groupBy(by, threshold.alias(BIN))
            .agg(F.sum(LABEL_INDEX).alias("yes"), F.sum(1 - F.col(LABEL_INDEX)).alias("no"))
            .collect()
        )
    rows.sort(key=lambda row: (row[by], -row[BIN]))
    return {name: _rates(list(bins)) for name, bins in groupby(rows, lambda row: row[by])}


def _rates(bins: Sequence[Row]) -> tuple[list[float], list[float]]:
    """Turn counts by threshold, descending, into rates."""
    no, yes = (np.cumsum([0.0, *(row[name] for row in bins)]) for name in ("no", "yes"))
    return (no / no[-1]).tolist(), (yes / yes[-1]).tolist()
