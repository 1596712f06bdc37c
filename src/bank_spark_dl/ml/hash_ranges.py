"""Count the rows of each class by ranges of hashes: a quantile needs no sorting then.

Rows in the order of a hash of their id are in an order that neither their arrival nor their
partitions have a part in. How many rows there are in each run of hashes says which run a place in
this order lies in; only that run is looked at more closely.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.spark.adaptive_execution import one_job_per_action

RUN_BITS: Final = 10
"""Of a hash, its first ones: there are 1,024 runs."""


def run_of(drawn: Column, bits: int = 64) -> Column:
    """Return the run of a hash; lower hashes are in lower runs.

    Args:
        drawn: A hash of so many bits, signed (its runs begin at -512) or not (they begin at 0).
        bits: How many.
    """
    return F.shiftright(drawn, bits - RUN_BITS)


def count_runs(rows: DataFrame, label: Column, run: Column) -> dict[str, dict[int, int]]:
    """Count the rows of each class in each run, in one Spark job.

    Args:
        rows: Any rows.
        label: Their class, as text.
        run: Their run.

    Returns:
        By class, in order, the number of rows by run, in order; runs without rows are left out.
    """
    runs = rows.groupBy(label.alias("class"), run.alias("run")).count()
    with one_job_per_action(rows.sparkSession):
        counted = runs.collect()
    found: dict[str, dict[int, int]] = {}
    for value, place, number in sorted(map(tuple, counted)):
        found.setdefault(value, {})[place] = number
    return found
