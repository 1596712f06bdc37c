"""Predicted against true numbers, residuals, and errors by decile of the prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.intervals import Interval, Sample, rows_interval
from bank_spark_dl.ml.evaluation.regression import (
    ACCURACY,
    absolute_error,
    residual,
    squared_error,
)
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

CELLS: Final = 40
"""Intervals of equal width of the true, of the predicted values and of the residuals."""
TRIMMED: Final = 0.005
"""Share of the rows at each end that are not drawn: a single outlier would squeeze the others."""
TENTHS: Final = tuple(tenth / 10 for tenth in range(1, 10))


@dataclass(frozen=True)
class DecileErrors:
    """The errors of the rows in a tenth of the predictions.

    Attributes:
        rows: Their number.
        predicted: Mean prediction.
        true: Mean of the label, with its interval.
        mae: Mean absolute error, with its interval.
        rmse: Root of the mean squared error.
    """

    rows: int
    predicted: float
    true: Interval
    mae: Interval
    rmse: float


@dataclass(frozen=True)
class NumberCurves:
    """What the plots of predictions of numbers show.

    Attributes:
        deciles: The smallest predictions first; equal predictions are never divided.
        edges: Ends of the intervals of true and predicted values, (CELLS + 1,).
        counts: Rows by interval of the true, then of the predicted value.
        residual_edges: Ends of the intervals of residuals, (CELLS + 1,).
        residual_counts: Rows by interval.
    """

    deciles: tuple[DecileErrors, ...]
    edges: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]
    residual_edges: tuple[float, ...]
    residual_counts: tuple[int, ...]


def number_curves(predictions: DataFrame) -> NumberCurves:
    """Describe predictions of numbers, in two Spark jobs.

    Args:
        predictions: `label_index` and `prediction`.
    """
    true, predicted = F.col(LABEL_INDEX), F.col("prediction")
    trimmed = [TRIMMED, 1 - TRIMMED]
    quantiles = predictions.agg(
        *(F.percentile_approx(each, trimmed, ACCURACY) for each in (true, predicted, residual())),
        F.percentile_approx(predicted, list(TENTHS), ACCURACY),
    )
    with one_job_per_action(predictions.sparkSession):
        trues, predicteds, residuals, cuts = quantiles.collect()[0]
    edges = _edges(min(trues[0], predicteds[0]), max(trues[1], predicteds[1]))
    residual_edges = _edges(*residuals)
    decile = sum(((predicted > cut).cast("int") for cut in sorted(set(cuts))), F.lit(0))
    cells = predictions.select(
        LABEL_INDEX,
        "prediction",
        _cell(true, edges).alias("true"),
        _cell(predicted, edges).alias("predicted"),
        _cell(residual(), residual_edges).alias("residual"),
        decile.alias("decile"),
    )
    sets = [["true", "predicted"], ["residual"], ["decile"]]
    names = ("true", "predicted", "residual", "decile")
    totals = cells.groupingSets(sets, *names).agg(F.grouping_id().alias("set"), *_sums())
    with one_job_per_action(predictions.sparkSession):
        rows = totals.collect()
    return NumberCurves(
        deciles=_deciles([row for row in rows if row["set"] == 0b1110]),
        edges=edges,
        counts=_counts([row for row in rows if row["set"] == 0b0011]),
        residual_edges=residual_edges,
        residual_counts=_histogram([row for row in rows if row["set"] == 0b1101]),
    )


def _edges(low: float, high: float) -> tuple[float, ...]:
    if low == high:
        low, high = low - 0.5, high + 0.5
    return tuple(np.linspace(low, high, CELLS + 1).tolist())


def _cell(value: Column, edges: Sequence[float]) -> Column:
    """Number of the interval that a value lies in; null where it lies in none."""
    low, high = edges[0], edges[-1]
    place = F.least(F.floor((value - low) / (high - low) * CELLS), F.lit(CELLS - 1)).cast("int")
    return F.when(value.between(low, high), place)


def _sums() -> list[Column]:
    return [
        F.count(F.lit(1)).alias("rows"),
        F.mean("prediction").alias("mean_prediction"),
        F.mean(LABEL_INDEX).alias("mean_true"),
        F.stddev(LABEL_INDEX).alias("std_true"),
        F.mean(absolute_error()).alias("mae"),
        F.stddev(absolute_error()).alias("std_error"),
        F.mean(squared_error()).alias("squares"),
    ]


def _deciles(rows: Sequence[Row]) -> tuple[DecileErrors, ...]:
    return tuple(
        DecileErrors(
            rows=row["rows"],
            predicted=row["mean_prediction"],
            true=rows_interval(Sample(row["mean_true"], row["std_true"], row["rows"])),
            mae=rows_interval(Sample(row["mae"], row["std_error"], row["rows"])),
            rmse=row["squares"] ** 0.5,
        )
        for row in sorted(rows, key=lambda row: row["decile"])
    )


def _counts(rows: Sequence[Row]) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((CELLS, CELLS), dtype=np.int64)
    for row in rows:
        if row["true"] is not None and row["predicted"] is not None:
            counts[row["true"], row["predicted"]] = row["rows"]
    return _tuples(counts)


def _histogram(rows: Sequence[Row]) -> tuple[int, ...]:
    counts = {row["residual"]: row["rows"] for row in rows}
    return tuple(counts.get(cell, 0) for cell in range(CELLS))


def _tuples(counts: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())
