"""Measure predictions where they lie: only counts and sums reach the driver."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import ClassWeights, class_weights
from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

CALIBRATION_BINS = 10
BINS = 100 * CALIBRATION_BINS  # each is put in order by one task
SMALLEST_PROBABILITY = 1e-15  # log loss stays finite for a certain and wrong prediction
ALL, BIN = "__all__", "__bin__"
COUNTS = ("yes", "no", "yes_as_yes", "no_as_yes")
SUMS = ("pairs", "loss", "loss_of_yes", "stated", "squares")


def evaluate(predictions: DataFrame, prior: float | None = None) -> dict[str, Any]:
    """Measure the predictions of a binary classifier, in one Spark job.

    Args:
        predictions: `label_index`, `probability` of the positive class and `prediction`.
        prior: Share of positives in the population that the rows stand for; None: theirs.

    Returns:
        Of the rows as they are: `rows`, `accuracy`, `auc` (exact area under the ROC curve; ties
        count half; 0.5 where a class is missing), `spread` (standard deviation of the
        probabilities) and `confusion_matrix` (rows are true classes, columns predicted ones). Of
        the rows weighed to the prior: `positives` (share), `log_loss` (nats per row) and
        `calibration_error` (see calibration_error).
    """
    return evaluate_each(predictions.withColumn(ALL, F.lit(0)), ALL, prior=prior)[(0,)]


def evaluate_each(
    predictions: DataFrame, *by: str, prior: float | None = None, together: bool = False
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: See evaluate.
        *by: Columns whose values tell the sets apart.
        prior: See evaluate.
        together: Whether it is all sets that stand for the population, of which each is a part;
            else each stands for it alone.

    Returns:
        For each set, in the order of its values of these columns, the figures of evaluate.
    """
    with one_job_per_action(predictions.sparkSession):
        rows = _totals(_binned(predictions, by), by).collect()
    found = {tuple(row[name] for name in by): row for row in rows}
    every = _weights(rows, prior)
    return {
        key: _figures(found[key], every if together else _weights([found[key]], prior))
        for key in sorted(found)
    }


def _weights(totals: Sequence[Row], prior: float | None) -> ClassWeights:
    positives = sum(row["yes"] for row in totals)
    return class_weights(positives + sum(row["no"] for row in totals), positives, prior)


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
    no_below, rows = _sum_before("no", [*by, BIN], "probability"), F.col("yes") + F.col("no")
    return (
        alike.withColumn(BIN, place)
        .withColumn("pairs", F.col("yes") * (no_below + F.col("no") / 2))
        .groupBy(*by, BIN)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, "pairs")),
            F.sum(_loss(likely) * F.col("yes") + _loss(unlikely) * F.col("no")).alias("loss"),
            F.sum(_loss(likely) * F.col("yes")).alias("loss_of_yes"),
            F.sum(likely * rows).alias("stated"),
            F.sum(likely * F.col("yes")).alias("stated_of_yes"),
            F.sum(likely * likely * rows).alias("squares"),
        )
    )


def _totals(bins: DataFrame, by: Sequence[str]) -> DataFrame:
    """Add up the bins of each set: a row for each, whatever the number of predictions.

    The pairs of different bins are in order by their bins. `gaps` holds for each tenth of the
    probabilities how much the stated ones add up to, less the positives; `gaps_of_yes` the part of
    it that positive rows make.
    """
    tenth = F.floor(F.col(BIN) * CALIBRATION_BINS / BINS)

    def gaps(stated: str) -> Column:
        gap = F.col(stated) - F.col("yes")
        return F.array(*(F.sum(F.when(tenth == n, gap)) for n in range(CALIBRATION_BINS)))

    no_below = _sum_before("no", by, BIN)
    return (
        bins.withColumn("pairs", F.col("pairs") + F.col("yes") * no_below)
        .groupBy(*by)
        .agg(
            *(F.sum(name).alias(name) for name in (*COUNTS, *SUMS)),
            gaps("stated").alias("gaps"),
            gaps("stated_of_yes").alias("gaps_of_yes"),
        )
    )


def _sum_before(name: str, within: Sequence[str], order: str) -> Column:
    """Sum a column over the rows before each, 0.0 for the first."""
    window = Window.partitionBy(*within).orderBy(order)
    before = window.rowsBetween(Window.unboundedPreceding, Window.currentRow - 1)
    return F.coalesce(F.sum(name).over(before), F.lit(0.0))


def _figures(totals: Row, weights: ClassWeights) -> dict[str, Any]:
    yes, no, yes_as_yes, no_as_yes = (int(totals[name]) for name in COUNTS)
    rows, pairs = yes + no, yes * no
    weight = weights.total(rows, yes)
    gaps = (
        weights.total(gap or 0.0, of_yes or 0.0)
        for gap, of_yes in zip(totals["gaps"], totals["gaps_of_yes"], strict=True)
    )
    variance = totals["squares"] / rows - (totals["stated"] / rows) ** 2
    return {
        "rows": rows,
        "positives": weights.total(yes, yes) / weight,
        "accuracy": (no - no_as_yes + yes_as_yes) / rows,
        "auc": totals["pairs"] / pairs if pairs else 0.5,
        "log_loss": weights.total(totals["loss"], totals["loss_of_yes"]) / weight,
        "calibration_error": sum(map(abs, gaps)) / weight,
        "spread": max(variance, 0.0) ** 0.5,
        "confusion_matrix": [[no - no_as_yes, no_as_yes], [yes - yes_as_yes, yes_as_yes]],
    }


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


def reliability(
    predictions: DataFrame, prior: float | None = None, bins: int = CALIBRATION_BINS
) -> list[dict[str, float]]:
    """Compare stated probabilities with what happened, in one Spark job.

    Args:
        predictions: `label_index` and `probability`.
        prior: Share of positives in the population that the rows stand for; None: theirs.
        bins: Number of intervals of equal width.

    Returns:
        For each interval that holds rows, in order: `rows`; and of the rows weighed to the prior
        their `weight`, their mean `probability` and the share of `positives` among them, all
        exact, with `low` and `high` of Wilson's 95% interval.
    """
    place = F.least(F.floor(F.col("probability") * bins), F.lit(bins - 1))
    yes, stated = F.col(LABEL_INDEX), F.col("probability")
    with one_job_per_action(predictions.sparkSession):
        found = (
            predictions.groupBy(place.alias(BIN))
            .agg(
                F.count(F.lit(1)).alias("rows"),
                F.sum(yes).alias("yes"),
                F.sum(stated).alias("stated"),
                F.sum(stated * yes).alias("stated_of_yes"),
            )
            .collect()
        )
    rows, positives = (sum(row[name] for row in found) for name in ("rows", "yes"))
    weights = class_weights(rows, positives, prior)
    return [_reliability_of(row, weights) for row in sorted(found, key=lambda row: row[BIN])]


def _reliability_of(totals: Row, weights: ClassWeights) -> dict[str, float]:
    rows, yes = totals["rows"], int(totals["yes"])
    weight = weights.total(rows, yes)
    share = share_interval(yes, rows, weights.positive / weights.negative)
    return {
        "rows": rows,
        "weight": weight,
        "probability": weights.total(totals["stated"], totals["stated_of_yes"]) / weight,
        "positives": share["mean"],
        "low": share["low"],
        "high": share["high"],
    }


def calibration_error(bins: Sequence[Mapping[str, float]]) -> float:
    """Compute the expected calibration error (Naeini, Cooper and Hauskrecht, 2015).

    Args:
        bins: The answer of reliability.

    Returns:
        Mean distance, by weight, between the stated probability and the share of positives, [0, 1].
    """
    weight = sum(entry["weight"] for entry in bins)
    return sum(
        entry["weight"] * abs(entry["probability"] - entry["positives"]) / weight for entry in bins
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
        For each model false positive rates and true positive rates, from (0, 0) to (1, 1), or with
        zeros for a class that no row has. Each
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
    return (no / max(no[-1], 1)).tolist(), (yes / max(yes[-1], 1)).tolist()
