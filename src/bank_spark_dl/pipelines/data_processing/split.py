"""Choose the test rows: stratified and seeded, independent of order and partitions."""

from collections.abc import Mapping
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import ROW_ID, carried_name
from bank_spark_dl.ml.hash_ranges import count_runs, run_of
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.spark.sql import quoted

HASH_BITS = 53  # of the 64, the last ones


def is_test_row(rows: DataFrame, options: DataOptions, seed: int) -> Column:
    """Return a condition for test rows, in two Spark jobs.

    In each class the test rows are those with the lowest hashes of id and seed. Their number is the
    test fraction of the class, rounded as Python does (half to even), at least one and never all.
    Rows with the same hash (nearly always rows with the same id) stay together.

    Args:
        rows: Clean rows.
        options: Names the label; gives the share of test rows.
        seed: Another seed, other test rows.

    Raises:
        InputDataError: A class has one row only.
    """
    label = F.col(quoted(carried_name(options.columns.label))).cast("string")
    drawn = F.pmod(F.xxhash64(F.lit(seed), F.col(ROW_ID)), F.lit(2**HASH_BITS))
    runs = count_runs(rows, label, run_of(drawn, HASH_BITS))
    sizes = {value: sum(counts.values()) for value, counts in runs.items()}
    _check_sizes(sizes, options.columns.label)
    wanted = {
        value: min(max(round(options.test_fraction * size), 1), size - 1)
        for value, size in sizes.items()
    }
    last = _last_hashes(rows, label, drawn, runs, wanted)
    return drawn <= F.coalesce(*(F.when(label == value, F.lit(end)) for value, end in last.items()))


def _check_sizes(sizes: Mapping[str, int], label: str) -> None:
    single = [repr(value) for value, size in sizes.items() if size == 1]
    if single:
        raise InputDataError(
            f"The label '{label}' is {' and '.join(single)} in one row only, and a split needs two "
            "rows of each class, one to train on and one to test on. Give more rows of it, or "
            "correct the label."
        )


def _last_hashes(
    rows: DataFrame,
    label: Column,
    drawn: Column,
    runs: Mapping[str, Mapping[int, int]],
    wanted: Mapping[str, int],
) -> dict[str, int]:
    """Find by class the hash of the last test row.

    The driver collects one run of hashes for each class: about one row in 1,024, eight bytes each.
    """
    ends = {value: _run_at(counts, wanted[value]) for value, counts in runs.items()}
    near = [
        (label == value) & (run_of(drawn, HASH_BITS) == run) for value, (run, _) in ends.items()
    ]
    found = rows.where(reduce(or_, near)).select(label, drawn).collect()
    return {
        value: sorted(row[1] for row in found if row[0] == value)[place - 1]
        for value, (_, place) in ends.items()
    }


def _run_at(counts: Mapping[int, int], place: int) -> tuple[int, int]:
    """Return the run of the row at a place in the order of hashes, and its place in the run."""
    for run, number in counts.items():
        if place <= number:
            return run, place
        place -= number
    raise ValueError("there are not so many rows")
