"""Measure predictions where they lie: only counts and sums reach the driver."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.intervals import rows_interval
from bank_spark_dl.ml.profile import one_job_per_action

CALIBRATION_BINS = 10
BINS = 100 * CALIBRATION_BINS  # what reaches the driver for each set of predictions
SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction
BIN = "__bin__"


def evaluate(predictions: DataFrame) -> dict[str, Any]:
    """Measure the predictions of a binary classifier, in one Spark job.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.

    Returns:
        `rows`, `accuracy`, `auc` (exact area under the ROC curve; ties count half; 0.5 where a
        class is missing), `log_loss` (nats per row), `calibration_error` (see calibration_error)
        and `confusion_matrix` (rows are true classes, columns predicted ones).
    """
    return evaluate_each(predictions)[()]


def evaluate_each(predictions: DataFrame, *by: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: See evaluate.
        *by: Columns whose values tell the sets apart.

    Returns:
        For each set, in the order of its values of these columns, the figures of evaluate.
    """
    with one_job_per_action(predictions.sparkSession):
        rows = _binned(predictions, by).collect()

    def values(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in by)

    rows.sort(key=lambda row: (*values(row), row[BIN]))
    return {key: _figures(list(bins)) for key, bins in groupby(rows, values)}


def _binned(predictions: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up everything that figures are made of, for each bin of probabilities.

    `pairs` counts the pairs of a negative and a positive in a bin that are in the right order; ties
    count half. Those of different bins are in order by their bins.
    """
    yes, called = F.col(LABEL_INDEX), F.col("prediction")
    alike = predictions.groupBy(*by, "probability").agg(
        F.sum(yes).alias("yes"),
        F.sum(1 - yes).alias("no"),
        F.sum(yes * called).alias("yes_as_yes"),
        F.sum((1 - yes) * called).alias("no_as_yes"),
    )
    place = F.least(F.floor(F.col("probability") * BINS), F.lit(BINS - 1))
    before = (
        Window.partitionBy(*by, BIN)
        .orderBy("probability")
        .rowsBetween(Window.unboundedPreceding, -1)
    )
    no_below = F.coalesce(F.sum("no").over(before), F.lit(0.0))
    likely, unlikely = F.col("probability"), 1.0 - F.col("probability")
    return (
        alike.withColumn(BIN, place)
        .withColumn("pairs", F.col("yes") * (no_below + F.col("no") / 2))
        .groupBy(*by, BIN)
        .agg(
            *(F.sum(name).alias(name) for name in ("yes", "no", "yes_as_yes", "no_as_yes")),
            F.sum("pairs").alias("pairs"),
            F.sum(_loss(likely) * F.col("yes") + _loss(unlikely) * F.col("no")).alias("loss"),
            F.sum(likely * (F.col("yes") + F.col("no"))).alias("stated"),
        )
    )


def _figures(bins: Sequence[Row]) -> dict[str, Any]:
    def column(name: str) -> npt.NDArray[np.float64]:
        return np.array([row[name] for row in bins])

    yes, no = column("yes"), column("no")
    rows = int(yes.sum() + no.sum())
    no_as_yes, yes_as_yes = int(column("no_as_yes").sum()), int(column("yes_as_yes").sum())
    matrix = [
        [int(no.sum()) - no_as_yes, no_as_yes],
        [int(yes.sum()) - yes_as_yes, yes_as_yes],
    ]
    pairs = yes.sum() * no.sum()
    ordered = (yes * (np.cumsum(no) - no)).sum() + column("pairs").sum()
    places = np.minimum(column(BIN).astype(int) // (BINS // CALIBRATION_BINS), CALIBRATION_BINS - 1)
    return {
        "rows": rows,
        "accuracy": (matrix[0][0] + matrix[1][1]) / rows,
        "auc": float(ordered / pairs) if pairs else 0.5,
        "log_loss": float(column("loss").sum() / rows),
        "calibration_error": calibration_error(
            _reliability(places, yes, yes + no, column("stated"))
        ),
        "confusion_matrix": matrix,
    }


def _reliability(
    places: npt.NDArray[np.int64],
    yes: npt.NDArray[np.float64],
    rows: npt.NDArray[np.float64],
    stated: npt.NDArray[np.float64],
) -> list[dict[str, float]]:
    """Compare stated probabilities with what happened, see reliability."""
    answer = []
    for place in np.unique(places):
        here = places == place
        count = float(rows[here].sum())
        answer.append(
            {
                "rows": int(count),
                "probability": float(stated[here].sum()) / count,
                "positives": float(yes[here].sum()) / count,
            }
        )
    return answer


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
        of `positives` among them.
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
        point lies on the exact curve; the line between two points does so only approximately.
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
