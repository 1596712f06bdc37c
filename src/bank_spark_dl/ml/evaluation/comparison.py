"""Compare models by the paired differences of their figures on the same rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.evaluation.figures import Comparison
from bank_spark_dl.ml.evaluation.intervals import Interval, around
from bank_spark_dl.ml.evaluation.metrics import is_right, row_loss
from bank_spark_dl.ml.evaluation.paired import difference_statistics, mean_difference
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

FIGURES = ("accuracy", "log_loss")
SMALLEST, BINS = 1e-6, 16
"""Probabilities from SMALLEST to 1 - SMALLEST are told apart by 16 bins for a unit of log odds, so
that what reaches the driver does not grow with the rows."""

Counts = npt.NDArray[np.float64]


def compare(
    ours: DataFrame, theirs: DataFrame, by: str, prior: float | None = None
) -> dict[str, Comparison]:
    """Compare a model with others on the same rows, in one Spark job.

    Args:
        ours: `row_id`, `label_index`, `probability` and `prediction` of one model.
        theirs: The same of other models, for the same rows.
        by: The column that tells these models apart.
        prior: Share of positives in the population that the rows stand for; None: theirs.

    Returns:
        By model ours minus theirs: accuracy and log loss with the standard error of the rows'
        differences, for the AUC see auc_difference.
    """
    paired = _row_figures(ours, "our", LABEL_INDEX).join(_row_figures(theirs, "their", by), ROW_ID)
    cell = ("our_bin", "their_bin")
    differences = {key: F.col(f"our_{key}") - F.col(f"their_{key}") for key in FIGURES}
    totals = paired.groupingSets(
        [[by], [by, LABEL_INDEX], [by, LABEL_INDEX, *cell]], by, LABEL_INDEX, *cell
    )
    with one_job_per_action(ours.sparkSession):
        rows = totals.agg(*difference_statistics(differences)).collect()
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return {name: _compared(found[name], prior) for name in sorted(found)}


def auc_difference(ours: Counts, theirs: Counts, rows: Counts) -> Interval | None:
    """Compute the difference of two areas under ROC curves on the same rows, with its interval.

    DeLong, DeLong and Clarke-Pearson, 1988; ties count half.

    Args:
        ours: (cells,): scores of one model.
        theirs: (cells,): scores of another model for the same rows.
        rows: (2, cells): rows of label 0 and 1 with these two scores.

    Returns:
        None where a class has fewer than two rows.
    """
    if min(rows.sum(axis=1)) < 2:
        return None
    above = _placements(ours, rows) - _placements(theirs, rows)
    variance = 0.0
    for part, counts in zip(above, rows, strict=True):
        mean = counts @ part / counts.sum()
        variance += counts @ (part - mean) ** 2 / (counts.sum() - 1) / counts.sum()
    return around(float(rows[1] @ above[1] / rows[1].sum()), float(np.sqrt(variance)))


def _placements(scores: Counts, rows: Counts) -> Counts:
    """Return for each cell the share of positives above it and of negatives below it."""
    _, place = np.unique(scores, return_inverse=True)
    negatives, positives = (np.bincount(place, weights=counts) for counts in rows)
    below = (np.cumsum(negatives) - negatives / 2) / negatives.sum()
    above = 1 - (np.cumsum(positives) - positives / 2) / positives.sum()
    return np.stack([above[place], below[place]])


def _compared(rows: Sequence[Row], prior: float | None) -> Comparison:
    """Turn the totals of a model, of its classes and of its cells into differences."""
    cells = sorted((row for row in rows if row["our_bin"] is not None), key=_cell)
    by_class = {row[LABEL_INDEX]: row for row in rows if row["our_bin"] is None}
    ours, theirs = (np.array([r[name] for r in cells], float) for name in ("our_bin", "their_bin"))
    counts = np.array([[r["rows"] * (r[LABEL_INDEX] == label) for r in cells] for label in (0, 1)])
    return Comparison(
        accuracy=mean_difference(by_class, "accuracy"),
        log_loss=mean_difference(by_class, "log_loss", prior),
        auc=auc_difference(ours, theirs, counts.astype(float)),
    )


def _cell(row: Row) -> tuple[Any, ...]:
    return row["our_bin"], row["their_bin"], row[LABEL_INDEX]


def _row_figures(predictions: DataFrame, whose: str, *kept: str) -> DataFrame:
    return predictions.select(
        ROW_ID,
        *kept,
        is_right().cast("double").alias(f"{whose}_accuracy"),
        row_loss().alias(f"{whose}_log_loss"),
        _odds_bin(F.col("probability")).alias(f"{whose}_bin"),
    )


def _odds_bin(probability: Column) -> Column:
    known = F.greatest(F.least(probability, F.lit(1 - SMALLEST)), F.lit(SMALLEST))
    return F.floor((F.log(known) - F.log(1.0 - known)) * BINS)
