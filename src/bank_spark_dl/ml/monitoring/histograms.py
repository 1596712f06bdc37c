"""Choose the bins of a column's histogram, the same for train rows and for new ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyspark.sql import Column, DataFrame
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
from bank_spark_dl.spark.sql import literal, quoted

DECILES = [tenth / 10 for tenth in range(1, 10)]
ACCURACY = 10_000  # of an approximate quantile: its rank is off by no more than a 10,000th of rows
MOST_VALUES = 100  # of a text column that have a bin of their own; all others share one

AS_NUMBER = {"days": "unix_date({})", "seconds": "unix_micros(CAST({} AS TIMESTAMP)) / 1e6D"}
"""How dates and timestamps become numbers: since the start of 1970."""
AS_TEXT = {"boolean": "CAST({} AS STRING)"}

Bins = Mapping[str, Mapping[str, Any]]


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


def choose_bins(rows: DataFrame) -> dict[str, dict[str, Any]]:
    """Choose bins for every column of numbers, times, booleans or text, in two Spark jobs.

    Args:
        rows: Train rows.

    Returns:
        For a column of numbers `min`, `max` and `edges`: ascending deciles, each once, the upper
        ends of all bins but the last; for dates and timestamps the same with the `unit` in which
        they count from 1970: days or seconds. For text `values`, the most frequent first, and
        whether they are `complete`: all that the rows hold; for booleans the same of the words true
        and false, with the `unit` boolean.
    """
    kinds = {field.name: kind for field in rows.schema if (kind := _kind(field.dataType))}
    plain = rows.select(*(F.expr(_value(name, kind)).alias(name) for name, kind in kinds.items()))
    texts = [name for name, kind in kinds.items() if "values" in kind]
    with one_job_per_action(rows.sparkSession):
        top = top_values(plain, texts, MOST_VALUES)
        numbers = _number_bins(plain, [name for name in kinds if name not in texts])
    bins = numbers | {name: _text_bins(top[name]) for name in texts}
    return {name: bins[name] | _unit(kind) for name, kind in kinds.items()}


def _kind(data_type: DataType) -> dict[str, Any] | None:
    """Return what an entry of such a column has, as far as its type says it."""
    match data_type:
        case NumericType():
            return {"edges": []}
        case DateType():
            return {"edges": [], "unit": "days"}
        case TimestampType() | TimestampNTZType():
            return {"edges": [], "unit": "seconds"}
        case StringType():
            return {"values": []}
        case BooleanType():
            return {"values": [], "unit": "boolean"}
    return None


def _unit(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"unit": entry["unit"]} if "unit" in entry else {}


def _value(name: str, entry: Mapping[str, Any]) -> str:
    """Write the SQL of a column's values as what its bins are made of: numbers or texts."""
    return (AS_NUMBER | AS_TEXT).get(entry.get("unit", ""), "{}").format(quoted(name))


def count_rows(rows: DataFrame, bins: Bins) -> dict[str, Any]:
    """Count the rows in all bins of all columns in one Spark job; see `figures`.

    Only if there are values that the train rows do not hold, a second job names some of them.
    """
    with one_job_per_action(rows.sparkSession):
        counted = _aggregate(rows, bins, named=False)
        strange = {name: bins[name] for name in counted if _is_complete(bins[name])}
        strange = {name: entry for name, entry in strange.items() if counted[name]["outside"]}
        return counted | (_aggregate(rows, strange, named=True) if strange else {})


def _aggregate(rows: DataFrame, bins: Bins, *, named: bool) -> dict[str, Any]:
    found = find_bins(rows, bins).agg(figures(bins, named=named)).head()
    return read_figures(found[0] if found else "{}")


def find_bins(rows: DataFrame, bins: Bins) -> DataFrame:
    """Add for each column the number of its bin, which `figures` counts."""
    numbers = (f"{_bin_of(name, entry)} AS {_bin(name)}" for name, entry in bins.items())
    return rows.selectExpr("*", *numbers)


def figures(bins: Bins, *, named: bool = True) -> Column:
    """Return one aggregate over all columns, for `DataFrame.agg` and `DataFrame.observe` alike.

    Args:
        bins: The answer of choose_bins; the rows come from find_bins.
        named: Whether values that the train rows do not hold are named. Spark compiles aggregates
            of numbers only: those of text take twice the time.

    Returns:
        JSON text: for each column `counts` (rows by bin; the last are those without a value) and
        `outside`, the rows beyond the train rows' minimum and maximum or with a value that those do
        not hold, for text, if it is to be named, with the `first` and the `last` of these values in
        the alphabet. `outside` is null where training had more values than bins.
    """
    columns = (
        f"{_figures_of(name, entry, named)} AS {quoted(name)}" for name, entry in bins.items()
    )
    every = f"to_json(struct({', '.join(columns)}), map('ignoreNullFields', 'false'))"
    return F.expr(f"{every} AS figures")


def read_figures(text: str) -> dict[str, Any]:
    """Read what `figures` wrote."""
    found: dict[str, Any] = json.loads(text)
    return found


def _number_bins(rows: DataFrame, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    if not names:
        return {}
    found = number_values(rows, names).agg(
        F.min("value"), F.max("value"), F.percentile_approx("value", DECILES, ACCURACY)
    )
    bins: dict[str, dict[str, Any]] = {
        name: {"min": None, "max": None, "edges": []} for name in names
    }
    for column, least, most, edges in found.collect():
        bins[names[column]] = {"min": least, "max": most, "edges": sorted(set(edges or []))}
    return bins


def _text_bins(top: Mapping[str, Any]) -> dict[str, Any]:
    return {"values": list(top["top"]), "complete": top["distinct"] == len(top["top"])}


def _bin(name: str) -> str:
    return quoted(f"__bin_{name}")


def _ends(entry: Mapping[str, Any]) -> int:
    """Count the bins but the last, which takes what no other takes."""
    return len(entry["edges"] if "edges" in entry else entry["values"])


def _bin_of(name: str, entry: Mapping[str, Any]) -> str:
    column, last = _value(name, entry), _ends(entry)
    if "edges" in entry:
        conditions = [f"{column} <= {edge!r}D" for edge in entry["edges"]]
    else:
        conditions = [f"{column} = {literal(text)}" for text in entry["values"]]
    branches = [f"WHEN {condition} THEN {n}" for n, condition in enumerate(conditions)]
    return f"CASE WHEN {column} IS NULL THEN {last + 1} {' '.join(branches)} ELSE {last} END"


def _is_complete(entry: Mapping[str, Any]) -> bool:
    return "edges" not in entry and bool(entry["complete"])


def _figures_of(name: str, entry: Mapping[str, Any], named: bool) -> str:
    column, last = _value(name, entry), _ends(entry)
    counts = [_count(f"{_bin(name)} = {number}") for number in range(last + 2)]
    found = {"counts": f"array({', '.join(counts)})"}
    if _is_complete(entry):
        unseen = f"IF({_bin(name)} = {last}, {column}, NULL)"
        found["outside"] = counts[last]
        found |= {"first": f"min({unseen})", "last": f"max({unseen})"} if named else {}
    elif "edges" not in entry:
        found["outside"] = "NULL"
    elif entry["edges"]:
        found["outside"] = _count(f"NOT {column} BETWEEN {entry['min']!r}D AND {entry['max']!r}D")
    else:  # training knew no number
        found["outside"] = counts[0]
    return f"struct({', '.join(f'{sql} AS {key}' for key, sql in found.items())})"


def _count(condition: str) -> str:
    # Spark's count_if adds a column for each condition below the aggregate.
    return f"count(IF({condition}, 1, NULL))"
