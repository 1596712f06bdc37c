"""ROC and calibration curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import ClassWeights, class_weights
from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.intervals import Interval, share_interval
from bank_spark_dl.ml.evaluation.metrics import BIN, CALIBRATION_BINS, probability_bin
from bank_spark_dl.spark.adaptive_execution import one_job_per_action


@dataclass(frozen=True)
class CalibrationBin:
    """Stated probabilities of an interval, and what happened.

    Attributes:
        rows: Rows whose probability lies in the interval.
        weight: Their number when they are weighted to the prior.
        probability: Their mean probability, weighted, [0, 1].
        positives: The share of positives among them, weighted, with Wilson's interval.
    """

    rows: int
    weight: float
    probability: float
    positives: Interval


def reliability(predictions: DataFrame, prior: float | None = None) -> list[CalibrationBin]:
    """Compare stated probabilities with what happened, in one Spark job.

    Args:
        predictions: `label_index` and `probability`.
        prior: Share of positives in the population that the rows stand for; None: theirs.

    Returns:
        Those of CALIBRATION_BINS equal intervals that hold rows, in order; all figures are exact.
    """
    yes, stated = F.col(LABEL_INDEX), F.col("probability")
    with one_job_per_action(predictions.sparkSession):
        found = (
            predictions.groupBy(probability_bin(CALIBRATION_BINS).alias(BIN))
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
    return [_calibration_bin(row, weights) for row in sorted(found, key=lambda row: row[BIN])]


def _calibration_bin(totals: Row, weights: ClassWeights) -> CalibrationBin:
    rows, yes = totals["rows"], int(totals["yes"])
    weight = weights.total(rows, yes)
    return CalibrationBin(
        rows=rows,
        weight=weight,
        probability=weights.total(totals["stated"], totals["stated_of_yes"]) / weight,
        positives=share_interval(yes, rows, weights.positive / weights.negative),
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
        zeros for a class that no row has. Each point lies on the exact curve. Between two points
        the exact curve stays in the rectangle that they span: a straight line is off by less than
        their distance in either rate.
    """
    with one_job_per_action(predictions.sparkSession):
        rows = (
            predictions.groupBy(by, probability_bin(points).alias(BIN))
            .agg(F.sum(LABEL_INDEX).alias("yes"), F.sum(1 - F.col(LABEL_INDEX)).alias("no"))
            .collect()
        )
    rows.sort(key=lambda row: (row[by], -row[BIN]))
    return {name: _rates(list(bins)) for name, bins in groupby(rows, lambda row: row[by])}


def _rates(bins: Sequence[Row]) -> tuple[list[float], list[float]]:
    """Turn counts by threshold, descending, into rates."""
    no, yes = (np.cumsum([0.0, *(row[name] for row in bins)]) for name in ("no", "yes"))
    return (no / max(no[-1], 1)).tolist(), (yes / max(yes[-1], 1)).tolist()
