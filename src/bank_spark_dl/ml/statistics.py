"""Aggregate many columns of a frame in one Spark job."""

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame, GroupedData, Window
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType, StringType

from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

NUMBER_STATISTICS = {
    "mean": F.mean,
    "std": F.stddev,
    "min": F.min,
    "max": F.max,
    "skewness": F.skewness,
    "kurtosis": F.kurtosis,
}


class TopValues(NamedTuple):
    """The most frequent values of a text column.

    Attributes:
        distinct: Number of different values, exact.
        rows: Rows by value, the most frequent first.
    """

    distinct: int
    rows: dict[str, int]


def number_columns(frame: DataFrame) -> list[str]:
    """Return the names of the numeric columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, NumericType)]


def text_columns(frame: DataFrame) -> list[str]:
    """Return the names of the text columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, StringType)]


def number_values(frame: DataFrame, names: Sequence[str]) -> GroupedData:
    """Return the values of numeric columns as one column, grouped by their column's position.

    The code that Spark generates for an aggregate of each column is too long to be compiled, from
    some dozen columns on: it takes thirty times as long as an aggregate of this one.

    Args:
        frame: Any frame.
        names: At least one of its numeric columns.

    Returns:
        `value` (double, null where the column is), by `column` (position in `names`).
    """
    return _one_column(frame, names).groupBy("column")


def value_counts(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Count the rows of each value of numeric columns.

    Args:
        frame: Any frame.
        names: At least one of its numeric columns.

    Returns:
        `column` (position in `names`), `value` (double, not null) and `count` (long).
    """
    there = _one_column(frame, names).where("value IS NOT NULL")
    return there.groupBy("column", "value").count()


def _one_column(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    values = F.array(*(F.col(quoted(name)).cast("double") for name in names))
    return frame.select(F.posexplode(values).alias("column", "value"))


def number_statistics(
    frame: DataFrame, columns: Sequence[str], statistics: Collection[str] = NUMBER_STATISTICS
) -> dict[str, dict[str, float | None]]:
    """Compute statistics of many numeric columns in one aggregation.

    Args:
        frame: Any frame.
        columns: Its numeric columns.
        statistics: Keys of NUMBER_STATISTICS.

    Returns:
        Figures by column and statistic; None where one is undefined (no rows, or a constant
        column).
    """
    found: dict[str, dict[str, float | None]]
    found = {name: dict.fromkeys(statistics) for name in columns}
    if columns:
        wanted = (NUMBER_STATISTICS[key]("value") for key in statistics)
        with one_job_per_action(frame.sparkSession):
            rows = number_values(frame, columns).agg(*wanted).collect()
        for position, *figures in rows:
            found[columns[position]] = dict(zip(statistics, map(_finite, figures), strict=True))
    return found


def top_values(frame: DataFrame, columns: Sequence[str], most: int) -> dict[str, TopValues]:
    """Find the most frequent values of text columns, in one Spark job.

    Args:
        frame: Any frame.
        columns: Its text columns.
        most: Values to find for each.
    """
    if not columns:
        return {}
    pairs = F.array(
        *(
            F.struct(F.lit(name).alias("name"), F.col(quoted(name)).alias("value"))
            for name in columns
        )
    )
    counts = (
        frame.select(F.explode(pairs).alias("pair"))
        .where("pair.value is not null")
        .groupBy("pair.name", "pair.value")
        .count()
    )
    by_name = Window.partitionBy("name")
    ranked = counts.select(
        "*",
        F.row_number().over(by_name.orderBy(F.desc("count"), "value")).alias("rank"),
        F.count(F.lit(1)).over(by_name).alias("distinct"),
    )
    with one_job_per_action(frame.sparkSession):
        rows = ranked.where(F.col("rank") <= most).collect()
    found = {name: TopValues(0, {}) for name in columns}
    for name, value, count, _, distinct in sorted(rows, key=lambda row: row["rank"]):
        found[name] = TopValues(distinct, found[name].rows | {value: count})
    return found


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
