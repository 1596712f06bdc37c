"""Figures of predictions of numbers; Spark sends only sums and quantiles to the driver."""

import math
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import LABEL_INDEX
from bank_spark_dl.ml.evaluation.figures import RegressionFigures, Residuals
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
ACCURACY: Final = 10_000
"""Of quantiles: their ranks are off by no more than a 10,000th of the rows."""


def evaluate_each(predictions: DataFrame, *by: str) -> dict[tuple[Any, ...], RegressionFigures]:
    """Measure several sets of predictions in one Spark job.

    Args:
        predictions: `label_index` and `prediction`, both in the label's units.
        *by: Columns whose values tell the sets apart.

    Returns:
        The figures of each set, in the order of its values of these columns.
    """
    totals = predictions.groupBy(*by).agg(
        F.count(F.lit(1)).alias("rows"),
        F.mean(squared_error()).alias("squares"),
        F.mean(absolute_error()).alias("absolute"),
        F.mean(LABEL_INDEX).alias("mean"),
        F.var_pop(LABEL_INDEX).alias("variance"),
        F.mean(residual()).alias("residual"),
        F.stddev_pop(residual()).alias("residual_std"),
        F.percentile_approx(residual(), list(QUANTILES), ACCURACY).alias("quantiles"),
    )
    with one_job_per_action(predictions.sparkSession):
        found = {tuple(row[name] for name in by): row for row in totals.collect()}
    return {key: _figures(found[key]) for key in sorted(found)}


def residual() -> Column:
    """Return a row's true value minus the predicted one."""
    return F.col(LABEL_INDEX) - F.col("prediction")


def absolute_error() -> Column:
    """Return the size of a row's residual."""
    return F.abs(residual())


def squared_error() -> Column:
    """Return the square of a row's residual."""
    return residual() * residual()


def _figures(totals: Row) -> RegressionFigures:
    return RegressionFigures(
        rows=totals["rows"],
        rmse=math.sqrt(totals["squares"]),
        mae=totals["absolute"],
        r2=explained(totals["squares"], totals["variance"]),
        mean=totals["mean"],
        std=math.sqrt(totals["variance"]),
        residuals=Residuals(totals["residual"], totals["residual_std"], tuple(totals["quantiles"])),
    )


def explained(squares: float, variance: float) -> float:
    """Return R2, as scikit-learn defines it where the label does not vary."""
    if variance > 0:
        return 1 - squares / variance
    return float(squares == 0)
