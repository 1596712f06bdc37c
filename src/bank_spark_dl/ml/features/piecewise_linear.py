"""Encode numeric columns piecewise-linearly.

A column becomes one input for each of its bins: 0 below the bin, 1 above it, and the position
within it between 0 and 1 (Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features in
Tabular Deep Learning, 2022). A network learns a curve over such inputs far more easily than over
one number. Where a value is missing, all bins are 0: an input of the inputs' stage is the bin of
missing values.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.features.inputs import VALUE, inner_name
from bank_spark_dl.ml.features.sql_stages import add_columns
from bank_spark_dl.parameters import PiecewiseLinearOptions
from bank_spark_dl.spark.sql import quoted


def quantile_edges(
    rows: DataFrame, columns: Sequence[str], options: PiecewiseLinearOptions
) -> dict[str, list[float]]:
    """Find the edges of each column's bins, in one Spark job.

    Args:
        rows: Train rows, their columns copied and checked by the inputs' stage.
        columns: Raw names of numeric columns.
        options: Bins for each column.

    Returns:
        Ascending edges by column: exact quantiles of the values that are there, without duplicates.
        A column with few values gets fewer bins; one with a single value gets none.
    """
    if not columns:
        return {}
    quantiles = [
        F.percentile(F.col(quoted(inner_name(VALUE, name))), _shares(options.bins_of(name)))
        for name in columns
    ]
    found = rows.agg(*quantiles).collect()[0]
    return {name: sorted(set(edges)) for name, edges in zip(columns, found, strict=True)}


def encoding_stages(
    edges: Mapping[str, Sequence[float]], empty: Collection[str] = ()
) -> tuple[list[SQLTransformer], list[str]]:
    """Make the stage that encodes the columns that the inputs' stage copies and checks.

    Args:
        edges: The answer of quantile_edges.
        empty: The columns that may be null.

    Returns:
        The stage, if there is anything to encode, and what is to be assembled: the names of the
        columns it adds, doubles in [0, 1].
    """
    expressions = {}
    for name, ends in edges.items():
        value = quoted(inner_name(VALUE, name))
        for number, (low, high) in enumerate(pairwise(ends)):
            sql = _position(value, low, high)
            bin_name = inner_name(f"bin{number}", name)
            expressions[bin_name] = f"IF({value} IS NULL, 0D, {sql})" if name in empty else sql
    return [add_columns(expressions)] if expressions else [], list(expressions)


def _shares(bins: int) -> Column:
    return F.array(*(F.lit(number / bins) for number in range(bins + 1)))


def _position(value: str, low: float, high: float) -> str:
    return f"greatest(least(({value} - ({low!r}D)) / {high - low!r}D, 1D), 0D)"
