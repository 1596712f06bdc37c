"""Deal rows to stratified folds, the same for any order and any partitions of the rows."""

from collections.abc import Mapping
from itertools import accumulate

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import ROW_ID, carried_name
from bank_spark_dl.ml.hash_ranges import count_runs, run_of
from bank_spark_dl.spark.sql import quoted

DEALT = "__fold__"
"""A fold's number; no clean column is called so."""

CLASS, HASH, RUN, BEFORE = "__class__", "__hash__", "__run__", "__before__"


def add_fold(rows: DataFrame, label: str | None, folds: int, seed: int) -> DataFrame:
    """Give each row the number of its fold, after one Spark job.

    Within each class, rows are ordered by a hash of their id and dealt in turn, so that the folds'
    counts of a class differ by one row at most. Each class is put in order by up to 1,024 tasks, a
    run of hashes each.

    Args:
        rows: Clean rows.
        label: The raw name of the column to stratify by; None: all rows are dealt as one class.
        folds: Number of folds.
        seed: Another seed, other folds.

    Returns:
        The rows with `__fold__` (int, from 0).

    Raises:
        InputDataError: A class has fewer rows than there are folds.
    """
    text = F.lit("") if label is None else F.col(quoted(carried_name(label))).cast("string")
    hashed = F.xxhash64(F.lit("fold"), F.lit(seed), F.col(ROW_ID))
    runs = count_runs(rows, text, run_of(hashed))
    _check_sizes({value: sum(counts.values()) for value, counts in runs.items()}, label, folds)
    drawn = rows.select("*", text.alias(CLASS), hashed.alias(HASH), run_of(hashed).alias(RUN))
    within = Window.partitionBy(CLASS, RUN).orderBy(HASH, ROW_ID)
    place = F.col(BEFORE) + F.row_number().over(within) - 1
    before = F.broadcast(_rows_before(rows.sparkSession, runs))
    return drawn.join(before, [CLASS, RUN]).select(
        *(F.col(quoted(name)) for name in rows.columns), (place % folds).cast("int").alias(DEALT)
    )


def _check_sizes(sizes: Mapping[str, int], label: str | None, folds: int) -> None:
    for value, size in sizes.items():
        if size >= folds:
            continue
        if label is None:
            raise InputDataError(
                f"There are {size} rows only, and each of the {folds} folds needs one. Give more "
                "rows, or lower cross_validation.folds."
            )
        raise InputDataError(
            f"The label '{label}' is {value!r} in {size} rows only, and each of the {folds} "
            "folds needs one. Give more rows of this class, or lower cross_validation.folds."
        )


def _rows_before(spark: SparkSession, runs: Mapping[str, Mapping[int, int]]) -> DataFrame:
    """Return how many rows of a class lie in the runs before each run."""
    before = [
        (value, run, total)
        for value, counts in runs.items()
        for run, total in zip(counts, accumulate(counts.values(), initial=0), strict=False)
    ]
    return spark.createDataFrame(before, f"{CLASS} string, {RUN} long, {BEFORE} long")
