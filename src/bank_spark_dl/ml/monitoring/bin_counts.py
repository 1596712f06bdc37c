"""Count rows in the bins of histograms, at rest or in a stream."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.monitoring.histograms import Histogram, NumberHistogram, binned_sql
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import literal, quoted


@dataclass(frozen=True)
class BinCounts:
    """Rows of a column in the bins of a histogram.

    Attributes:
        counts: As in the histogram.
        outside: Rows beyond the histogram's minimum and maximum, or with a value that it does not
            hold; None where it does not list all values of the train rows.
        first: The first of these values in alphabetical order; None if none is named.
        last: The last of them.
    """

    counts: list[int]
    outside: int | None
    first: str | None = None
    last: str | None = None


def count_bins(rows: DataFrame, histograms: Mapping[str, Histogram]) -> dict[str, BinCounts]:
    """Count the rows in all bins of all columns in one Spark job.

    Only if there are values that the histograms do not hold, a second job names some of them.
    """
    with one_job_per_action(rows.sparkSession):
        counted = _aggregate(rows, histograms, named=False)
        unseen = {
            name: histograms[name]
            for name, found in counted.items()
            if found.outside and _lists_all_values(histograms[name])
        }
        return counted | (_aggregate(rows, unseen, named=True) if unseen else {})


def add_bins(rows: DataFrame, histograms: Mapping[str, Histogram]) -> DataFrame:
    """Add for each column the number of its bin, which bin_counts aggregates."""
    bins = (f"{_bin_sql(name, entry)} AS {_bin(name)}" for name, entry in histograms.items())
    return rows.selectExpr("*", *bins)


def bin_counts(histograms: Mapping[str, Histogram], *, named: bool = True) -> Column:
    """Return one aggregate over all columns, for `DataFrame.agg` and `DataFrame.observe` alike.

    Args:
        histograms: By column; the rows come from add_bins.
        named: Whether to name values that the histograms do not hold. Spark compiles aggregates of
            numbers only: those of text take twice the time.

    Returns:
        `figures`, a text that read_bin_counts reads.
    """
    columns = (
        f"struct({', '.join(_aggregates(name, histogram, named))}) AS {quoted(name)}"
        for name, histogram in histograms.items()
    )
    every = f"to_json(struct({', '.join(columns)}), map('ignoreNullFields', 'false'))"
    return F.expr(f"{every} AS figures")


def read_bin_counts(figures: str) -> dict[str, BinCounts]:
    """Read what bin_counts wrote."""
    return {name: BinCounts(**found) for name, found in json.loads(figures).items()}


def _aggregate(
    rows: DataFrame, histograms: Mapping[str, Histogram], *, named: bool
) -> dict[str, BinCounts]:
    counted = add_bins(rows, histograms).agg(bin_counts(histograms, named=named)).collect()
    return read_bin_counts(counted[0]["figures"])


def _lists_all_values(histogram: Histogram) -> bool:
    return not isinstance(histogram, NumberHistogram) and histogram.complete


def _bin(name: str) -> str:
    return quoted(f"__bin_{name}")


def _last_bin(histogram: Histogram) -> int:
    """Return the number of the bin for values that no other bin takes."""
    if isinstance(histogram, NumberHistogram):
        return len(histogram.edges)
    return len(histogram.values)


def _bin_sql(name: str, histogram: Histogram) -> str:
    value, last = binned_sql(name, histogram), _last_bin(histogram)
    if isinstance(histogram, NumberHistogram):
        conditions = [f"{value} <= {edge!r}D" for edge in histogram.edges]
    else:
        conditions = [f"{value} = {literal(text)}" for text in histogram.values]
    branches = [f"WHEN {condition} THEN {n}" for n, condition in enumerate(conditions)]
    return f"CASE WHEN {value} IS NULL THEN {last + 1} {' '.join(branches)} ELSE {last} END"


def _aggregates(name: str, histogram: Histogram, named: bool) -> Iterator[str]:
    """Write an aggregate for each field of BinCounts."""
    value, last = binned_sql(name, histogram), _last_bin(histogram)
    counts = [_count(f"{_bin(name)} = {number}") for number in range(last + 2)]
    yield f"array({', '.join(counts)}) AS counts"
    if isinstance(histogram, NumberHistogram):
        inside = f"{value} BETWEEN {histogram.min!r}D AND {histogram.max!r}D"
        # Without edges no train row has a number.
        yield f"{_count(f'NOT {inside}') if histogram.edges else counts[0]} AS outside"
        return
    yield f"{counts[last] if histogram.complete else 'NULL'} AS outside"
    if histogram.complete and named:
        unseen = f"IF({_bin(name)} = {last}, {value}, NULL)"
        yield f"min({unseen}) AS first"
        yield f"max({unseen}) AS last"


def _count(condition: str) -> str:
    # Spark's count_if adds a column for each condition below the aggregate.
    return f"count(IF({condition}, 1, NULL))"
