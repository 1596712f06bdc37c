"""ROC and calibration curves of more than two classes, one against the rest."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.curves import CalibrationBin
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import CALIBRATION_BINS, is_right
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

MOST_PROBABLE: Final = -1
"""In the place of a class: whichever is the most probable one of a row."""
REACH: Final = 14.0
"""Log odds, both ways, between which thresholds lie: a millionth and its complement."""
SMALLEST, LARGEST = 1e-38, 1 - 1e-15
"""Probabilities beyond which log odds stay the same."""

Curve = tuple[list[float], list[float]]
"""False positive rates and true positive rates."""


def class_roc_curves(predictions: DataFrame, points: int, by: str) -> dict[str, dict[int, Curve]]:
    """Return the ROC curves of several models and all classes, in one Spark job.

    Args:
        predictions: `label_index` and `probability` (array of one probability a class).
        points: Number of thresholds, equally spaced in log odds; at most so many rows for each
            class and model reach the driver.
        by: The column that tells the models apart.

    Returns:
        By model and index of a class, from (0, 0) to (1, 1); each point lies on the exact curve.
        Classes that no row or every row has are left out.
    """
    odds = F.greatest(F.least(_log_odds(F.col("stated")), F.lit(REACH)), F.lit(-REACH))
    yes = (F.col(LABEL_INDEX) == F.col("class")).cast("int")
    counts = (
        predictions.select(by, LABEL_INDEX, F.posexplode("probability").alias("class", "stated"))
        .groupBy(by, "class", F.floor((odds / (2 * REACH) + 0.5) * points).alias("bin"))
        .agg(F.sum(yes).alias("yes"), F.sum(1 - yes).alias("no"))
    )
    with one_job_per_action(predictions.sparkSession):
        table = counts.toArrow().to_pandas().sort_values("bin", ascending=False)
    curves: defaultdict[str, dict[int, Curve]] = defaultdict(dict)
    for (model, number), part in table.groupby([by, "class"]):
        no, yes_before = (np.cumsum([0.0, *part[name]]) for name in ("no", "yes"))
        if no[-1] and yes_before[-1]:
            curves[model][number] = (no / no[-1]).tolist(), (yes_before / yes_before[-1]).tolist()
    return dict(curves)


def mean_curve(curves: Iterable[Curve], points: int) -> Curve:
    """Average true positive rates at equal false positive rates.

    Args:
        curves: At least one.
        points: Number of false positive rates.
    """
    grid = np.linspace(0, 1, points + 1)
    rates = np.mean([np.interp(grid, *curve) for curve in curves], axis=0)
    return [0.0, *grid.tolist()], [0.0, *rates.tolist()]


def class_reliability(predictions: DataFrame, each: bool) -> dict[int, list[CalibrationBin]]:
    """Compare stated probabilities with what happened, in one Spark job.

    Args:
        predictions: `label_index`, `probability` (array of one probability a class) and
            `prediction`.
        each: Whether each class is compared, or only the most probable one of each row.

    Returns:
        By index of a class, and for MOST_PROBABLE, those of CALIBRATION_BINS equal intervals that
        hold rows, in order.
    """
    pairs = predictions.select(
        F.lit(MOST_PROBABLE).alias("class"),
        F.array_max("probability").alias("stated"),
        is_right().alias("right"),
    )
    if each:
        exploded = predictions.select(
            LABEL_INDEX, F.posexplode("probability").alias("class", "stated")
        )
        right = (F.col(LABEL_INDEX) == F.col("class")).alias("right")
        pairs = pairs.unionByName(exploded.select("class", "stated", right))
    last = F.lit(CALIBRATION_BINS - 1)
    tenth = F.least(F.floor(F.col("stated") * CALIBRATION_BINS), last)
    sums = pairs.groupBy("class", tenth.alias("bin")).agg(
        F.count(F.lit(1)).alias("rows"),
        F.sum(F.col("right").cast("int")).alias("right"),
        F.mean("stated").alias("stated"),
    )
    with one_job_per_action(predictions.sparkSession):
        rows = sorted(sums.collect(), key=lambda row: (row["class"], row["bin"]))
    found: defaultdict[int, list[CalibrationBin]] = defaultdict(list)
    for row in rows:
        found[row["class"]].append(_calibration_bin(row))
    return dict(found)


def _calibration_bin(row: Row) -> CalibrationBin:
    rows = row["rows"]
    return CalibrationBin(rows, float(rows), row["stated"], share_interval(row["right"], rows))


def _log_odds(probability: Column) -> Column:
    """Log odds of a probability, finite; most probabilities of many classes are near 0."""
    known = F.greatest(F.least(probability, F.lit(LARGEST)), F.lit(SMALLEST))
    return F.log(known) - F.log(1.0 - known)
