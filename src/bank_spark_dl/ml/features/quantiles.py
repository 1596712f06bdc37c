"""Find quantiles of numeric columns, and the normal scores of given values."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.inputs import VALUE, inner_name
from bank_spark_dl.ml.statistics import value_counts
from bank_spark_dl.parameters import PiecewiseLinearOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

Edges = Mapping[str, Sequence[float]]


def column_edges(
    rows: DataFrame, columns: Sequence[str], options: PiecewiseLinearOptions
) -> dict[str, list[float]]:
    """Find the edges of each column's bins, in one Spark job, or two with `distinct_bins`.

    Args:
        rows: Train rows, their columns copied and checked by the inputs' stage.
        columns: Raw names of numeric columns.
        options: Bins for each column.

    Returns:
        Ascending edges by column, without duplicates: exact quantiles of the values that are there,
        and distinct values, evenly spaced among them in their order, of columns with ties. A column
        with few values gets fewer bins; one with a single value gets none.
    """
    if not columns:
        return {}
    edges = _quantiles(rows, columns, options)
    if options.distinct_bins:
        for name, values in _distinct_values(rows, columns, options).items():
            edges[name] = sorted({*edges[name], *values})
    return edges


def _quantiles(
    rows: DataFrame, columns: Sequence[str], options: PiecewiseLinearOptions
) -> dict[str, list[float]]:
    shares = sorted({share for name in columns for share in _shares(options.bins_of(name))})
    quantiles = F.percentile("value", _array(shares), F.col("count"))
    with one_job_per_action(rows.sparkSession):
        found = _counts(rows, columns).groupBy("column").agg(quantiles).collect()
    edges: dict[str, list[float]] = {name: [] for name in columns}
    for position, of_all in found:
        name = columns[position]
        own = set(_shares(options.bins_of(name)))  # of the shares that any column needs
        edges[name] = sorted({e for e, share in zip(of_all, shares, strict=True) if share in own})
    return edges


def _distinct_values(
    rows: DataFrame, columns: Sequence[str], options: PiecewiseLinearOptions
) -> dict[str, list[float]]:
    """Choose distinct values of columns with ties: all, or the first of each bin and the last."""
    column = Window.partitionBy("column")
    ranked = _counts(rows, columns).select(
        "column",
        "value",
        (F.row_number().over(column.orderBy("value")).cast("long") - 1).alias("place"),
        (F.count("value").over(column) - 1).alias("last"),
        (F.max("count").over(column) / F.sum("count").over(column)).alias("most_frequent"),
    )
    bin_of = f"{{place}} * {options.distinct_bins} div last"
    begins = f"place = 0 OR {bin_of.format(place='place')} > {bin_of.format(place='(place - 1)')}"
    tied = F.col("most_frequent") >= options.tied_fraction
    with one_job_per_action(rows.sparkSession):
        found = ranked.where(tied & F.expr(begins)).select("column", "value").collect()
    return {
        name: [value for at, value in found if at == place] for place, name in enumerate(columns)
    }


def normal_scores(rows: DataFrame, edges: Edges) -> dict[str, list[float]]:
    """Find the normal score of each edge, in one Spark job.

    It is the quantile of the normal distribution for the share of the rows below the value and half
    of those that have it (van der Waerden, 1952, with the middle of ties).

    Args:
        rows: Train rows, as for `column_edges`.
        edges: Ascending, by column.

    Returns:
        Ascending scores, one for each edge.
    """
    columns = [name for name, ends in edges.items() if len(ends) > 1]
    if not columns:
        return {}
    known = F.element_at(F.array(*(_array(edges[name]) for name in columns)), F.col("column") + 1)
    placed = _counts(rows, columns).select(
        "column",
        "count",
        F.size(F.filter(known, lambda edge: edge < F.col("value"))).alias("below"),
        F.array_contains(known, F.col("value")).alias("equal"),
    )
    with one_job_per_action(rows.sparkSession):
        found = placed.groupBy("column", "below", "equal").agg(F.sum("count")).collect()
    return {
        name: _scores({(b, e): n for c, b, e, n in found if c == place}, len(edges[name]))
        for place, name in enumerate(columns)
    }


def _scores(rows: Mapping[tuple[int, bool], int], edges: int) -> list[float]:
    """Return the scores of edges from the rows of each gap below an edge, and at each edge."""
    total, before, scores = sum(rows.values()), 0.0, []
    for edge in range(edges):
        before += rows.get((edge, False), 0)
        equal = rows.get((edge, True), 0)
        scores.append(NormalDist().inv_cdf((before + equal / 2) / total))
        before += equal
    return scores


def _counts(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    return value_counts(rows, [inner_name(VALUE, name) for name in columns])


def _shares(bins: int) -> list[float]:
    return [number / bins for number in range(bins + 1)]


def _array(numbers: Sequence[float]) -> Column:
    return F.array(*map(F.lit, numbers))
