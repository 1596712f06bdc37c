"""Compare models of more than two classes, or of numbers, on the same rows."""

import math
from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.evaluation.figures import Comparison, RegressionComparison
from bank_spark_dl.ml.evaluation.intervals import Interval, around
from bank_spark_dl.ml.evaluation.metrics import is_right, loss_of
from bank_spark_dl.ml.evaluation.multiclass import true_probability
from bank_spark_dl.ml.evaluation.paired import difference_statistics, mean_difference
from bank_spark_dl.ml.evaluation.regression import absolute_error, squared_error
from bank_spark_dl.spark.adaptive_execution import one_job_per_action


def compare_multiclass(ours: DataFrame, theirs: DataFrame, by: str) -> dict[str, Comparison]:
    """Compare a model of more than two classes with others on the same rows, in one Spark job.

    Args:
        ours: Predictions of one model.
        theirs: Predictions of other models, for the same rows.
        by: The column that tells these models apart.

    Returns:
        By model ours minus theirs: accuracy and log loss.
    """
    figures = {"accuracy": is_right().cast("double"), "log_loss": loss_of(true_probability())}
    differences = {name: F.col(f"our_{name}") - F.col(f"their_{name}") for name in figures}
    totals = _totals(ours, theirs, by, figures, difference_statistics(differences))
    return {
        name: Comparison(
            accuracy=mean_difference({None: row}, "accuracy"),
            log_loss=mean_difference({None: row}, "log_loss"),
            auc=None,
        )
        for name, row in totals.items()
    }


def compare_regression(
    ours: DataFrame, theirs: DataFrame, by: str
) -> dict[str, RegressionComparison]:
    """Compare a model of numbers with others, see compare_multiclass.

    Returns:
        By model ours minus theirs: RMSE and mean absolute error.
    """
    figures = {"square": squared_error(), "mae": absolute_error()}
    statistics = difference_statistics({"mae": F.col("our_mae") - F.col("their_mae")})
    squares = [f"{whose}_square" for whose in ("our", "their")]
    moments = [
        *(F.mean(name).alias(f"{name}_mean") for name in squares),
        *(F.var_samp(name).alias(f"{name}_variance") for name in squares),
        F.covar_samp(*squares).alias("covariance"),
    ]
    totals = _totals(ours, theirs, by, figures, [*statistics, *moments])
    return {
        name: RegressionComparison(_rmse_difference(row), mean_difference({None: row}, "mae"))
        for name, row in totals.items()
    }


def _rmse_difference(row: Row) -> Interval:
    """Compute the difference of two RMSEs on the same rows, its interval by the delta method."""
    our, their = (math.sqrt(row[f"{whose}_square_mean"]) for whose in ("our", "their"))
    if not (our and their and row["rows"] > 1):  # an RMSE of 0 has no slope
        return around(our - their, 0.0)
    variance = (
        row["our_square_variance"] / our**2
        + row["their_square_variance"] / their**2
        - 2 * row["covariance"] / (our * their)
    ) / 4
    return around(our - their, math.sqrt(max(variance, 0.0) / row["rows"]))


def _totals(
    ours: DataFrame,
    theirs: DataFrame,
    by: str,
    figures: Mapping[str, Column],
    statistics: Sequence[Column],
) -> dict[str, Row]:
    """Put the figures of the same rows side by side and aggregate them by model, in one job."""

    def of(predictions: DataFrame, whose: str, *kept: str) -> DataFrame:
        named = (column.alias(f"{whose}_{name}") for name, column in figures.items())
        return predictions.select(ROW_ID, *kept, *named)

    paired = of(ours, "our").join(of(theirs, "their", by), ROW_ID)
    with one_job_per_action(ours.sparkSession):
        rows = paired.groupBy(by).agg(*statistics).collect()
    return {row[by]: row for row in sorted(rows, key=lambda row: str(row[by]))}
