"""Count classes in runs of hashes, so that nobody has to put a class in order.

Rows in the order of a hash of their id are in an order that neither their arrival nor their
partitions have a part in. How many rows there are in each run of hashes says which run a place in
this order lies in; only that run is looked at more closely.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.profile import one_job_per_action

RUN_BITS: Final = 10
"""Of a hash, the first of its 64: there are 1,024 runs."""


def run_of(drawn: Column) -> Column:
    """Return the run of a 64-bit hash, from -512; lower hashes are in lower runs."""
    return F.shiftright(drawn, 64 - RUN_BITS)


def count_runs(rows: DataFrame, label: Column, drawn: Column) -> dict[str, dict[int, int]]:
    """Count the rows of each class in each run, in one Spark job.

    Args:
        rows: Any rows.
        label: Their class, as text.
        drawn: Their hash.

    Returns:
        By class, in order, the number of rows by run, in order; runs without rows are left out.
    """
    runs = rows.groupBy(label.alias("class"), run_of(drawn).alias("run")).count()
    with one_job_per_action(rows.sparkSession):
        counted = runs.collect()
    found: dict[str, dict[int, int]] = {}
    for value, run, number in sorted(map(tuple, counted)):
        found.setdefault(value, {})[run] = number
    return found
