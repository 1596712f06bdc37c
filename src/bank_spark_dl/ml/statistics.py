"""Describe the columns of a frame in few Spark jobs, however many columns there are."""

import math
from collections.abc import Collection, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, GroupedData, Window
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType, StringType

from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

TOP_VALUES = 10  # most frequent values kept of a text column
SKETCH_BITS = 12  # of the HyperLogLog sketch behind a distinct count: a relative error of 1.6%

NUMBER_STATISTICS = {
    "mean": F.mean,
    "std": F.stddev,
    "min": F.min,
    "max": F.max,
    "skewness": F.skewness,
    "kurtosis": F.kurtosis,
}


def number_columns(frame: DataFrame) -> list[str]:
    """Return the names of the numeric columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, NumericType)]


def text_columns(frame: DataFrame) -> list[str]:
    """Return the names of the text columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, StringType)]


def describe_columns(frame: DataFrame, exclude_values_of: Sequence[str] = ()) -> dict[str, Any]:
    """Describe every column in three Spark jobs at most.

    Args:
        frame: Any frame.
        exclude_values_of: Text columns whose values are not listed (ids, say).

    Returns:
        `rows` and `columns`: for each column count, nulls and distinct (with `distinct_is` "exact"
        or "approximate", then with a relative error of about 1.6%); for numbers, taken as doubles,
        mean, std, min, max, skewness and excess kurtosis as Spark defines them (null where
        undefined); for text the ten most frequent values with their counts.
    """
    texts = [name for name in text_columns(frame) if name not in exclude_values_of]
    with one_job_per_action(frame.sparkSession):
        rows, columns = _statistics(frame, [name for name in frame.columns if name not in texts])
        for name, values in top_values(frame, texts, TOP_VALUES).items():
            columns[name] |= values
    return {"rows": rows, "columns": columns}


def column_statistic(
    frame: DataFrame, columns: Sequence[str], name: str
) -> dict[str, float | None]:
    """Compute one statistic of many numeric columns in one aggregation.

    Args:
        frame: Rows to describe.
        columns: Numeric columns.
        name: A key of NUMBER_STATISTICS.

    Returns:
        Value by column; None where it is undefined (no rows, or a constant column).
    """
    with one_job_per_action(frame.sparkSession):
        found = _moments(frame, columns, [name])
    return {column: figures[name] for column, figures in found.items()}


def number_values(frame: DataFrame, names: Sequence[str]) -> GroupedData:
    """Return the values of numeric columns as one column, grouped by the place of their name.

    The code that Spark generates for an aggregate of each column is too long to be compiled, from
    some dozen columns on: it takes thirty times as long as an aggregate of this one.

    Args:
        frame: Any frame.
        names: At least one of its numeric columns.

    Returns:
        `value` (double, null where the column is), by `column` (place in `names`).
    """
    values = F.array(*(_column(name).cast("double") for name in names))
    return frame.select(F.posexplode(values).alias("column", "value")).groupBy("column")


def top_values(frame: DataFrame, columns: Sequence[str], most: int) -> dict[str, dict[str, Any]]:
    """Find the most frequent values of text columns.

    Args:
        frame: Any frame.
        columns: Its text columns.
        most: Values to find for each.

    Returns:
        By column: `distinct`, an exact count, and `top`, how often each value stands there, the
        most frequent first.
    """
    top: dict[str, dict[str, Any]] = {
        name: {"distinct": 0, "distinct_is": "exact", "top": {}} for name in columns
    }
    if not columns:
        return top
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
    rows = ranked.where(F.col("rank") <= most).collect()
    for row in sorted(rows, key=lambda row: (row["name"], row["rank"])):
        top[row["name"]]["distinct"] = row["distinct"]
        top[row["name"]]["top"][row["value"]] = row["count"]
    return top


def _statistics(frame: DataFrame, sketched: Sequence[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Compute all figures of all columns, with the distinct values of some of them estimated."""
    wanted = {(name, "count"): F.count(_column(name)) for name in frame.columns}
    wanted |= {(name, "distinct"): _distinct(_column(name)) for name in sketched}
    rows, *figures = frame.agg(F.count(F.lit(1)), *wanted.values()).collect()[0]
    columns: dict[str, dict[str, Any]] = {name: {} for name in frame.columns}
    for (name, key), value in zip(wanted, figures, strict=True):
        columns[name][key] = value
    for name, description in columns.items():
        description["nulls"] = rows - description["count"]
        if name in sketched:
            description["distinct_is"] = "approximate"
    for name, moments in _moments(frame, number_columns(frame), NUMBER_STATISTICS).items():
        columns[name] |= moments
    return rows, columns


def _distinct(column: Column) -> Column:
    hashed = F.when(column.isNotNull(), F.xxhash64(column))
    return F.hll_sketch_estimate(F.hll_sketch_agg(hashed, SKETCH_BITS))


def _moments(
    frame: DataFrame, names: Sequence[str], statistics: Collection[str]
) -> dict[str, dict[str, float | None]]:
    """Compute statistics of numeric columns in one aggregation."""
    moments: dict[str, dict[str, float | None]]
    moments = {name: dict.fromkeys(statistics) for name in names}
    if not names:
        return moments
    wanted = (NUMBER_STATISTICS[key]("value") for key in statistics)
    for column, *found in number_values(frame, names).agg(*wanted).collect():
        moments[names[column]] = dict(zip(statistics, map(_defined, found), strict=True))
    return moments


def _column(name: str) -> Column:
    return F.col(quoted(name))


def _defined(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
