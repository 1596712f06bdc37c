"""Deal rows to folds: stratified, seeded, whatever the order and the partitions of the rows."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import ROW_ID

DEALT = "__fold__"
"""A column of this name would be taken for a fold's number."""


def add_fold(rows: DataFrame, label: str, folds: int, seed: int) -> DataFrame:
    """Give each row the number of its fold.

    Within each class, rows are ordered by a hash of their id and dealt in turn, so that the folds'
    counts of a class differ by one row at most.

    Args:
        rows: Rows with a `row_id`.
        label: The column to stratify by.
        folds: Number of folds.
        seed: Another seed, other folds.

    Returns:
        The rows with `__fold__` (int, from 0).
    """
    drawn = F.xxhash64(F.lit("fold"), F.lit(seed), F.col(ROW_ID))
    place = F.row_number().over(Window.partitionBy(label).orderBy(drawn, ROW_ID))
    return rows.withColumn(DEALT, (place - 1) % folds)
