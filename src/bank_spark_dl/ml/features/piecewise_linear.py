"""Encode numeric columns piecewise-linearly.

A column becomes one input for each of its bins: 0 below the bin, 1 above it, and the position
within it between 0 and 1 (Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features in
Tabular Deep Learning, 2022). A network learns a curve over such inputs far more easily than over
one number.
"""

from collections.abc import Mapping, Sequence
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
        Ascending edges by column: exact quantiles, without duplicates. A column with few values
        gets fewer bins; one with a single value gets none.
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
    edges: Mapping[str, Sequence[float]],
) -> tuple[list[SQLTransformer], list[str]]:
    """Make the stage that encodes the columns that the inputs' stage copies and checks.

    Args:
        edges: The answer of quantile_edges.

    Returns:
        The stage, if there is anything to encode, and what is to be assembled: the names of the
        columns it adds, doubles in [0, 1].
    """
    expressions = {
        inner_name(f"bin{number}", name): _position(quoted(inner_name(VALUE, name)), low, high)
        for name, ends in edges.items()
        for number, (low, high) in enumerate(pairwise(ends))
    }
    return [add_columns(expressions)] if expressions else [], list(expressions)


def _shares(bins: int) -> Column:
    return F.array(*(F.lit(number / bins) for number in range(bins + 1)))


def _position(value: str, low: float, high: float) -> str:
    return f"greatest(least(({value} - ({low!r}D)) / {high - low!r}D, 1D), 0D)"
