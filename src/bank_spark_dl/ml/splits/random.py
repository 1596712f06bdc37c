"""Hold out the same fraction of each class, by a hash of the rows' ids."""

from collections.abc import Mapping
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import ROW_ID
from bank_spark_dl.ml.hash_ranges import count_runs, run_of
from bank_spark_dl.ml.splits.classes import ANY_NUMBER, stratum
from bank_spark_dl.parameters import DataOptions

HASH_BITS: Final = 53  # of the 64, the last ones
_SHOWN: Final = 5


def has_low_hash(rows: DataFrame, data: DataOptions, fraction: float, seed: int) -> Column:
    """Return a condition for a fraction of each class, in two Spark jobs.

    In each class these are the rows with the lowest hashes of id and seed. Their number is the
    fraction of the class, rounded as Python does (half to even), at least one and never all.
    Rows with the same hash (nearly always rows with the same id) stay together. All numbers are
    one class.

    Args:
        rows: Clean rows.
        data: Names the label and the task.
        fraction: Fraction of the rows, (0, 1).
        seed: Another seed, other rows.

    Raises:
        InputDataError: A class has one row only.
    """
    label = stratum(rows, data)
    drawn = F.pmod(F.xxhash64(F.lit(seed), F.col(ROW_ID)), F.lit(2**HASH_BITS))
    runs = count_runs(rows, label, run_of(drawn, HASH_BITS))
    sizes = {value: sum(counts.values()) for value, counts in runs.items()}
    _check_sizes(sizes, data.columns.label)
    wanted = {value: min(max(round(fraction * size), 1), size - 1) for value, size in sizes.items()}
    return drawn <= _by_class(label, _last_hashes(rows, label, drawn, runs, wanted))


def _by_class(label: Column, values: Mapping[str, int]) -> Column:
    """Return the value of a row's class."""
    return F.create_map(*(F.lit(part) for pair in values.items() for part in pair))[label]


def _check_sizes(sizes: Mapping[str, int], label: str) -> None:
    single = [repr(value) for value, size in sizes.items() if size == 1]
    if sizes == {ANY_NUMBER: 1}:
        raise InputDataError(
            "The table has one row only, and a split needs two: one to train on and one to test on."
        )
    if single:
        raise InputDataError(
            f"The label '{label}' is {' and '.join(single[:_SHOWN])} in one row only, and a split "
            "needs two rows of each class, one to train on and one to test on. Give more rows of "
            "it, or correct the label."
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
    last_run = _by_class(label, {value: run for value, (run, _) in ends.items()})
    near: dict[str, list[int]] = {}
    found = rows.where(run_of(drawn, HASH_BITS) == last_run).select(label, drawn)
    for value, hashed in sorted(map(tuple, found.collect())):
        near.setdefault(value, []).append(hashed)
    return {value: near[value][place - 1] for value, (_, place) in ends.items()}


def _run_at(counts: Mapping[int, int], place: int) -> tuple[int, int]:
    """Return the run of the row at a place in the order of hashes, and its place in the run."""
    for run, number in counts.items():
        if place <= number:
            return run, place
        place -= number
    raise ValueError("there are not so many rows")
