"""Rank rows by probability for calling."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

ACCURACY = 10_000
"""Of approximate quantiles: their ranks are off by no more than a 10,000th of the rows."""


def rank_rows(predictions: DataFrame) -> DataFrame:
    """Rank rows by probability.

    Args:
        predictions: `row_id` and `probability`.

    Returns:
        `row_id`, `probability` and `decile` (1 holds the highest tenth, within a 10,000th of the
        rows), the highest probability first.
    """
    shares = F.array(*(F.lit(tenth / 10) for tenth in range(9, 0, -1)))
    deciles = predictions.agg(F.percentile_approx("probability", shares, ACCURACY))
    with one_job_per_action(predictions.sparkSession):
        edges = deciles.collect()[0][0]
    decile = sum(((F.col("probability") <= edge).cast("int") for edge in edges), F.lit(1))
    return predictions.select(ROW_ID, "probability", decile.alias("decile")).orderBy(
        F.desc("probability"), ROW_ID
    )


def make_call_list(predictions: DataFrame, threshold: float) -> DataFrame:
    """Rank rows by probability, and decide who is called.

    Args:
        predictions: See rank_rows.
        threshold: Probability from which on a row is to be called.

    Returns:
        The columns of rank_rows and `decision` (`call` or `leave`).
    """
    decision = F.when(F.col("probability") >= threshold, "call").otherwise("leave")
    return rank_rows(predictions).withColumn("decision", decision)


def no_ranks(predictions: DataFrame) -> DataFrame:
    """Return the columns of rank_rows without rows, for predictions that have no order.

    Args:
        predictions: `row_id`.
    """
    nothing = {"probability": F.lit(None).cast("double"), "decile": F.lit(None).cast("int")}
    return predictions.limit(0).select(ROW_ID).withColumns(nothing)
