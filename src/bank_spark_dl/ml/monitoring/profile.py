"""Profile a table: counts, moments and frequent values of its columns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.ml.statistics import (
    number_columns,
    number_statistics,
    text_columns,
    top_values,
)
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

TOP_VALUES = 10  # most frequent values listed of a text column
SKETCH_BITS = 12  # of the HyperLogLog sketch behind a distinct count: a relative error of 1.6%


@dataclass(frozen=True)
class ColumnProfile:
    """Counts of a column of any type.

    Attributes:
        count: Rows with a value.
        nulls: Rows without one.
        distinct: Different values.
        distinct_is: "approximate" where `distinct` has a relative error of about 1.6%.
    """

    count: int
    nulls: int
    distinct: int
    distinct_is: Literal["exact", "approximate"]


@dataclass(frozen=True)
class NumberProfile(ColumnProfile):
    """Moments of a numeric column, taken as doubles; None where they are undefined.

    Attributes:
        mean: Arithmetic mean.
        std: Sample standard deviation.
        min: Smallest value.
        max: Largest value.
        skewness: As Spark defines it.
        kurtosis: Excess kurtosis, as Spark defines it.
    """

    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    skewness: float | None
    kurtosis: float | None


@dataclass(frozen=True)
class TextProfile(ColumnProfile):
    """The values of a text column.

    Attributes:
        top: Rows by value, of the ten most frequent values, the most frequent first.
    """

    top: dict[str, int]


@dataclass(frozen=True)
class DataProfile(RawSource):
    """A raw table and what its columns hold.

    Attributes:
        rows: Number of rows.
        columns: By raw name, in the table's order.
    """

    rows: int
    columns: Mapping[str, ColumnProfile | NumberProfile | TextProfile]


def profile_table(
    rows: DataFrame, source: RawSource, exclude_values_of: Collection[str] = ()
) -> DataProfile:
    """Profile every column in three Spark jobs at most, however many columns there are.

    Args:
        rows: Any rows.
        source: Where they come from.
        exclude_values_of: Text columns whose values are not listed (ids, say).
    """
    texts = [name for name in text_columns(rows) if name not in exclude_values_of]
    others = [name for name in rows.columns if name not in texts]
    top = top_values(rows, texts, TOP_VALUES)
    moments: dict[str, Any] = number_statistics(rows, number_columns(rows))
    counts = F.array(*(F.count(F.col(quoted(name))) for name in rows.columns))
    sketches = F.array(*(_distinct(F.col(quoted(name))) for name in others))
    with one_job_per_action(rows.sparkSession):
        number, found, estimates = rows.agg(F.count(F.lit(1)), counts, sketches).collect()[0]
    distinct = dict(zip(others, estimates, strict=True))
    columns: dict[str, ColumnProfile] = {}
    for name, count in zip(rows.columns, found, strict=True):
        nulls = number - count
        if name in top:
            exact, values = top[name]
            columns[name] = TextProfile(count, nulls, exact, "exact", values)
            continue
        column = ColumnProfile(count, nulls, distinct[name], "approximate")
        if name in moments:
            column = NumberProfile(**vars(column), **moments[name])
        columns[name] = column
    return DataProfile(**vars(source), rows=number, columns=columns)


def _distinct(column: Column) -> Column:
    hashed = F.when(column.isNotNull(), F.xxhash64(column))
    return F.hll_sketch_estimate(F.hll_sketch_agg(hashed, SKETCH_BITS))
