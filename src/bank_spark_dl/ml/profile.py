"""Describe the columns of a frame in few Spark jobs, however many columns there are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType, StringType

from bank_spark_dl.schemas.values import quoted

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
MOMENTS = (("mean", "std", "min", "max"), ("skewness",), ("kurtosis",))  # by aggregation


def number_columns(frame: DataFrame) -> list[str]:
    """Return the names of the numeric columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, NumericType)]


def text_columns(frame: DataFrame) -> list[str]:
    """Return the names of the text columns, in order."""
    return [field.name for field in frame.schema if isinstance(field.dataType, StringType)]


def describe_columns(frame: DataFrame, exclude_values_of: Sequence[str] = ()) -> dict[str, Any]:
    """Describe every column in five Spark jobs at most.

    Args:
        frame: Any frame.
        exclude_values_of: Text columns whose values are not listed (ids, say).

    Returns:
        `rows` and `columns`: for each column count, nulls and distinct (with `distinct_is` "exact"
        or "approximate", then with a relative error of about 1.6%); for numbers mean, std, min,
        max, skewness and excess kurtosis as Spark defines them (null where undefined); for text the
        ten most frequent values with their counts.
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
    if not columns:
        return {}
    statistic = NUMBER_STATISTICS[name]
    figures = frame.agg(*(statistic(F.col(quoted(column))) for column in columns)).collect()[0]
    return {column: _plain(value) for column, value in zip(columns, figures, strict=True)}


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


@contextmanager
def one_job_per_action(spark: SparkSession) -> Iterator[None]:
    """Switch adaptive execution off for a while: it runs every shuffle as a job of its own."""
    setting = "spark.sql.adaptive.enabled"
    before = str(spark.conf.get(setting))
    spark.conf.set(setting, "false")
    try:
        yield
    finally:
        spark.conf.set(setting, before)


def _statistics(frame: DataFrame, sketched: Sequence[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Compute all figures of all columns, with the distinct values of some of them estimated.

    Several aggregations: the code that Spark generates for all figures in one is too long to be
    compiled, and takes four times as long.
    """
    columns: dict[str, dict[str, Any]] = {name: {} for name in frame.columns}
    rows = int(_add_figures(columns, frame, _counts(frame.columns, sketched)))
    numbers = number_columns(frame)
    for statistics in MOMENTS if numbers else ():
        places = [(name, key) for name in numbers for key in statistics]
        wanted = {place: NUMBER_STATISTICS[place[1]](_column(place[0])) for place in places}
        _add_figures(columns, frame, wanted)
    for name, description in columns.items():
        description["nulls"] = rows - description["count"]
        if name in sketched:
            description["distinct_is"] = "approximate"
    return rows, columns


def _counts(names: Sequence[str], sketched: Sequence[str]) -> dict[tuple[str, str], Column]:
    wanted = {(name, "count"): F.count(_column(name)) for name in names}
    for name in sketched:
        hashed = F.when(_column(name).isNotNull(), F.xxhash64(_column(name)))
        sketch = F.hll_sketch_agg(hashed, SKETCH_BITS)
        wanted[name, "distinct"] = F.hll_sketch_estimate(sketch)
    return wanted


def _add_figures(
    columns: dict[str, dict[str, Any]], frame: DataFrame, wanted: Mapping[tuple[str, str], Column]
) -> Any:
    """Compute figures by column and key, add them to the columns' and return the number of rows."""
    rows, *figures = frame.agg(F.count(F.lit(1)), *wanted.values()).collect()[0]
    for (name, key), value in zip(wanted, figures, strict=True):
        columns[name][key] = _plain(value)
    return rows


def _column(name: str) -> Column:
    return F.col(quoted(name))


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return (
        value
        if isinstance(value, int | float)
        else float(value)
        if _is_number(value)
        else str(value)
    )


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__")
