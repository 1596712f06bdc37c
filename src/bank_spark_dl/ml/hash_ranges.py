"""Count the rows of each class by ranges of hashes, to find quantiles without sorting.

The order of rows by a hash of their id depends neither on their arrival nor on their partitions.
The counts say in which range of hashes ("run") the n-th row in this order lies; only the rows of
that run have to be sorted.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.spark.adaptive_execution import one_job_per_action

RUN_BITS: Final = 10
"""The first bits of a hash number its run: there are 1,024 runs."""


def run_of(drawn: Column, bits: int = 64) -> Column:
    """Return the run of a hash; lower hashes are in lower runs.

    Args:
        drawn: A hash, signed (runs from -512) or unsigned (runs from 0).
        bits: Its number of bits.
    """
    return F.shiftright(drawn, bits - RUN_BITS)


def count_runs(rows: DataFrame, label: Column, run: Column) -> dict[str, dict[int, int]]:
    """Count the rows of each class in each run, in one Spark job.

    Args:
        rows: Any rows.
        label: Class of a row, as text.
        run: Run of a row, see run_of.

    Returns:
        Number of rows by class and run, both ascending; runs without rows are left out.
    """
    runs = rows.groupBy(label.alias("class"), run.alias("run")).count()
    with one_job_per_action(rows.sparkSession):
        counted = runs.collect()
    found: dict[str, dict[int, int]] = {}
    for value, place, number in sorted(map(tuple, counted)):
        found.setdefault(value, {})[place] = number
    return found
