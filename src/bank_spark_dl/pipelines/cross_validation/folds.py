"""Deal rows to folds: stratified, seeded, whatever the order and the partitions of the rows."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.columns import ROW_ID

DEALT = "__fold__"
"""A column of this name would be taken for a fold's number."""

HASH, RUN, BEFORE = "__hash__", "__run__", "__before__"
RUN_BITS = 10
"""Of the hash: each class is put in order by up to 1,024 tasks, a run of hashes each."""


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
    drawn = rows.withColumn(HASH, F.xxhash64(F.lit("fold"), F.lit(seed), F.col(ROW_ID)))
    drawn = drawn.withColumn(RUN, F.shiftright(HASH, 64 - RUN_BITS))
    within = Window.partitionBy(label, RUN).orderBy(HASH, ROW_ID)
    place = F.col(BEFORE) + F.row_number().over(within) - 1
    return drawn.join(F.broadcast(_rows_before(drawn, label)), [label, RUN]).select(
        *(F.col(f"`{name}`") for name in rows.columns), (place % folds).cast("int").alias(DEALT)
    )


def _rows_before(drawn: DataFrame, label: str) -> DataFrame:
    """Count for each class and run of hashes the rows of the runs before it."""
    runs = drawn.groupBy(label, RUN).agg(F.count(F.lit(1)).alias("rows"))
    window = Window.partitionBy(label).orderBy(RUN)
    before = F.sum("rows").over(window.rowsBetween(Window.unboundedPreceding, -1))
    return runs.select(label, RUN, F.coalesce(before, F.lit(0)).alias(BEFORE))
