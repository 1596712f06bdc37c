"""The bins that a column's values are counted in, the same for train rows and for new ones."""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.profile import (
    number_columns,
    one_job_per_action,
    text_columns,
    top_values,
)
from bank_spark_dl.schemas.values import quoted

DECILES = [tenth / 10 for tenth in range(1, 10)]
ACCURACY = 10_000  # of an approximate quantile: its rank is off by no more than a 10,000th of rows
MOST_VALUES = 100  # of a text column that have a bin of their own; all others share one

Bins = Mapping[str, Mapping[str, Any]]


def choose_bins(rows: DataFrame) -> dict[str, dict[str, Any]]:
    """Choose bins for every column of numbers or text, in two Spark jobs.

    Args:
        rows: Train rows.

    Returns:
        For a column of numbers `min`, `max` and `edges`: ascending deciles, each once, the upper
        ends of all bins but the last. For text `values`, the most frequent first, and whether they
        are `complete`: all that the rows hold.
    """
    texts = text_columns(rows)
    with one_job_per_action(rows.sparkSession):
        top = top_values(rows, texts, MOST_VALUES)
        numbers = _number_bins(rows)
    bins = numbers | {name: _text_bins(top.get(name)) for name in texts}
    return {name: bins[name] for name in rows.columns if name in bins}


def count_rows(rows: DataFrame, bins: Bins) -> dict[str, Any]:
    """Count the rows in all bins of all columns in one Spark job; see `figures`."""
    with one_job_per_action(rows.sparkSession):
        counted = rows.agg(figures(bins)).head()
    return read_figures(counted[0] if counted else "{}")


def figures(bins: Bins) -> Column:
    """Return one aggregate over all columns, for `DataFrame.agg` and `DataFrame.observe` alike.

    Args:
        bins: The answer of choose_bins; the rows have all of its columns.

    Returns:
        JSON text: for each column `counts` (rows by bin; the last are those without a value) and
        `outside`, the rows beyond the train rows' minimum and maximum or with a value that those do
        not hold, for text with the `first` and the `last` of these values in the alphabet.
        `outside` is null where training had more values than bins.
    """
    columns = [_column_figures(name, entry).alias(name) for name, entry in bins.items()]
    return F.to_json(F.struct(*columns), {"ignoreNullFields": "false"}).alias("figures")


def read_figures(text: str) -> dict[str, Any]:
    """Read what `figures` wrote."""
    found: dict[str, Any] = json.loads(text)
    return found


def _number_bins(rows: DataFrame) -> dict[str, dict[str, Any]]:
    names = number_columns(rows)
    if not names:
        return {}
    values = [F.col(quoted(name)).cast("double") for name in names]
    found = rows.agg(
        *(
            F.struct(F.min(value), F.max(value), F.percentile_approx(value, DECILES, ACCURACY))
            for value in values
        )
    ).collect()[0]
    return {
        name: {"min": least, "max": most, "edges": sorted(set(edges or []))}
        for name, (least, most, edges) in zip(names, found, strict=True)
    }


def _text_bins(top: Mapping[str, Any] | None) -> dict[str, Any]:
    if top is None:  # there is no value at all
        return {"values": [], "complete": True}
    return {"values": list(top["top"]), "complete": top["distinct"] == len(top["top"])}


def _column_figures(name: str, entry: Mapping[str, Any]) -> Column:
    column = F.col(quoted(name))
    if "edges" in entry:
        return _number_figures(column.cast("double"), entry)
    return _text_figures(column, entry)


def _number_figures(value: Column, entry: Mapping[str, Any]) -> Column:
    edges = entry["edges"]
    if not edges:
        return _counts(value, [value.isNotNull()], F.count_if(value.isNotNull()))
    between = [(value > low) & (value <= high) for low, high in pairwise(edges)]
    bins = [value <= edges[0], *between, value > edges[-1]]
    return _counts(value, bins, F.count_if((value < entry["min"]) | (value > entry["max"])))


def _text_figures(value: Column, entry: Mapping[str, Any]) -> Column:
    known = entry["values"]
    other = ~value.isin(known) if known else value.isNotNull()
    bins = [*(value == text for text in known), other]
    if not entry["complete"]:
        return _counts(value, bins, F.lit(None))
    unseen = F.when(other, value)
    return _counts(
        value, bins, F.count(unseen), F.min(unseen).alias("first"), F.max(unseen).alias("last")
    )


def _counts(value: Column, bins: list[Column], outside: Column, *others: Column) -> Column:
    counts = F.array(*(F.count_if(rows) for rows in (*bins, value.isNull())))
    return F.struct(counts.alias("counts"), outside.alias("outside"), *others)
