"""Histograms of train rows, one for each column, with bins chosen from these rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    NumericType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

from bank_spark_dl.ml.statistics import number_values, top_values
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

DECILES = [tenth / 10 for tenth in range(1, 10)]
ACCURACY = 10_000  # of an approximate quantile: its rank is off by at most 1/10,000 of the rows
MOST_VALUES = 100  # of a text column that have a bin of their own; all others share one


@dataclass(frozen=True, kw_only=True)
class NumberHistogram:
    """Rows of a numeric column by bin.

    Attributes:
        min: Smallest value; None without any.
        max: Largest value; None without any.
        edges: Ascending deciles, each once: the upper ends, included, of all bins but the last.
        counts: Rows in each bin, then rows without a value.
    """

    min: float | None
    max: float | None
    edges: list[float]
    counts: list[int]


@dataclass(frozen=True, kw_only=True)
class TimeHistogram(NumberHistogram):
    """Rows of a column of dates or timestamps by bin.

    Attributes:
        unit: In which times are counted from the start of 1970.
    """

    unit: Literal["days", "seconds"]


@dataclass(frozen=True, kw_only=True)
class TextHistogram:
    """Rows of a text column by value.

    Attributes:
        values: Those with a bin of their own, the most frequent first; all others share one bin.
        complete: Whether these are all values of the train rows.
        counts: Rows of each value, of all other values, and without a value.
    """

    values: list[str]
    complete: bool
    counts: list[int]


@dataclass(frozen=True, kw_only=True)
class BooleanHistogram(TextHistogram):
    """Rows of a boolean column by value, `true` and `false`.

    Attributes:
        unit: Tells it from a column of text.
    """

    unit: Literal["boolean"]


Histogram = NumberHistogram | TimeHistogram | TextHistogram | BooleanHistogram
TrainingProfile = dict[str, Histogram]
"""The train rows' histograms, by raw name."""


def choose_bins(rows: DataFrame) -> TrainingProfile:
    """Choose bins for every column of numbers, times, booleans or text, in two Spark jobs.

    Args:
        rows: Train rows.

    Returns:
        Histograms that are not counted yet: their `counts` are empty.
    """
    empty = {field.name: found for field in rows.schema if (found := _empty(field.dataType))}
    values = rows.select(*(F.expr(binned_sql(name, h)).alias(name) for name, h in empty.items()))
    texts = {name: h for name, h in empty.items() if isinstance(h, TextHistogram)}
    numbers = {name: h for name, h in empty.items() if isinstance(h, NumberHistogram)}
    chosen = _number_bins(values, numbers) | _text_bins(values, texts)
    return {name: chosen[name] for name in empty}


def of_columns(profile: TrainingProfile, names: Collection[str]) -> TrainingProfile:
    """Return the histograms of some columns: rows to score may lack the others."""
    return {name: histogram for name, histogram in profile.items() if name in names}


def binned_sql(name: str, histogram: Histogram) -> str:
    """Write the SQL of the number or text that decides about a value's bin."""
    column = quoted(name)
    match histogram:
        case TimeHistogram(unit="days"):
            return f"unix_date({column})"
        case TimeHistogram():
            return f"unix_micros(CAST({column} AS TIMESTAMP)) / 1e6D"
        case BooleanHistogram():
            return f"CAST({column} AS STRING)"
    return column


def _empty(data_type: DataType) -> Histogram | None:
    """Make a histogram without bins; None for a type that has none."""
    match data_type:
        case NumericType():
            return NumberHistogram(min=None, max=None, edges=[], counts=[])
        case DateType():
            return TimeHistogram(min=None, max=None, edges=[], counts=[], unit="days")
        case TimestampType() | TimestampNTZType():
            return TimeHistogram(min=None, max=None, edges=[], counts=[], unit="seconds")
        case StringType():
            return TextHistogram(values=[], complete=True, counts=[])
        case BooleanType():
            return BooleanHistogram(values=[], complete=True, counts=[], unit="boolean")
    return None


def _number_bins(values: DataFrame, empty: Mapping[str, NumberHistogram]) -> dict[str, Histogram]:
    names, bins = list(empty), dict[str, Histogram](empty)
    if not names:
        return bins
    quantiles = F.percentile_approx("value", DECILES, ACCURACY)
    with one_job_per_action(values.sparkSession):
        found = number_values(values, names).agg(F.min("value"), F.max("value"), quantiles)
        rows = found.collect()
    for n, low, high, edges in rows:
        edges = sorted(set(edges or []))
        bins[names[n]] = replace(empty[names[n]], min=low, max=high, edges=edges)
    return bins


def _text_bins(values: DataFrame, empty: Mapping[str, TextHistogram]) -> dict[str, Histogram]:
    return {
        name: replace(empty[name], values=list(top.rows), complete=top.distinct == len(top.rows))
        for name, top in top_values(values, list(empty), MOST_VALUES).items()
    }
