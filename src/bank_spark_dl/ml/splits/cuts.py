"""Cut rows in the order of a key nearest to given shares, without sorting or collecting them.

A sketch says between which two values of the key each cut lies; only the values between them are
counted one by one. So the cuts are exact, whatever the sketch's error.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.spark.adaptive_execution import one_job_per_action

ACCURACY: Final = 10_000
"""The sketch's ranks are wrong by one row in so many, at most."""

KEY: Final = "key"


def nearest_cuts(rows: DataFrame, key: Column, shares: Sequence[float]) -> list[Any]:
    """Find the values of a key that cut the rows nearest to shares, in two Spark jobs.

    Rows with the same key are never divided. Of two cuts that are equally near the lower is taken.

    Args:
        rows: Any rows.
        key: Numbers, none of them missing.
        shares: Ascending, (0, 1): the rows before each cut, as a share of all.

    Returns:
        For each share a value of the key: the rows up to and with it are before the cut, at least
        one, and never all. No value where all rows have the same key.
    """
    rows = rows.select(key.alias(KEY))
    counts = _count_between(rows, _brackets(rows, shares))
    *ends, total = accumulate(count for _, count in counts)
    cuts = [(end, value) for end, (value, _) in zip(ends, counts, strict=False)]
    return [min(cuts, key=lambda cut: abs(cut[0] - share * total))[1] for share in shares if cuts]


def _brackets(rows: DataFrame, shares: Sequence[float]) -> list[tuple[float, float]]:
    """Return for each cut two doubles between which, or at which, it lies."""
    margin = 2 / ACCURACY
    ranks = [rank for share in shares for rank in (share - margin, share + margin)]
    within = F.array(*(F.lit(min(max(rank, 0.0), 1.0)) for rank in ranks))
    sketch = F.percentile_approx(F.col(KEY).cast("double"), within, ACCURACY)
    with one_job_per_action(rows.sparkSession):
        values = rows.agg(sketch).collect()[0][0]
    return list(zip(values[::2], values[1::2], strict=True))


def _count_between(
    rows: DataFrame, brackets: Sequence[tuple[float, float]]
) -> list[tuple[Any, int]]:
    """Count the rows of each key within the brackets, and of all keys between two brackets.

    Returns:
        The highest key and the number of rows of each count, ascending by key.
    """
    place = F.col(KEY).cast("double")  # ascends with the key, though two keys may share a double
    inside = reduce(or_, (place.between(low, high) for low, high in brackets))
    above = reduce(Column.__add__, (F.when(place > high, 1).otherwise(0) for _, high in brackets))
    counts = rows.groupBy(above.alias("above"), F.when(inside, F.col(KEY)).alias("within")).agg(
        F.max(KEY), F.count(F.lit(1))
    )
    with one_job_per_action(rows.sparkSession):
        return sorted((highest, number) for _, _, highest, number in counts.collect())
