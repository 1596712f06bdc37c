"""Encode numeric columns piecewise-linearly.

A column becomes one input for each of its bins: 0 below the bin, 1 above it, and the position
within it between 0 and 1 (Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features in
Tabular Deep Learning, 2022). A network learns a curve over such inputs far more easily than over
one number. Where a value is missing, all bins are 0: an input of the inputs' stage is the bin of
missing values.

Beside its bins a column may have its normal score, interpolated between those of the edges.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise

from pyspark.ml.feature import SQLTransformer

from bank_spark_dl.ml.features.inputs import VALUE, inner_name
from bank_spark_dl.ml.features.quantiles import Edges
from bank_spark_dl.ml.features.sql_stages import add_columns
from bank_spark_dl.spark.sql import quoted


def encoding_stages(
    edges: Edges, empty: Collection[str] = (), scores: Edges | None = None
) -> tuple[list[SQLTransformer], list[str]]:
    """Make the stages that encode the columns that the inputs' stage copies and checks.

    Args:
        edges: The answer of column_edges.
        empty: The columns that may be null.
        scores: The answer of normal_scores, if normal scores are inputs.

    Returns:
        The stages, if there is anything to encode, and what is to be assembled: the names of the
        columns they add, doubles in [0, 1], then normal scores, which are 0 where a value is
        missing.
    """
    bins = {name: _bins(name, ends, name in empty) for name, ends in edges.items()}
    added = [{bin_: sql for of_column in bins.values() for bin_, sql in of_column.items()}]
    added.append(
        {
            inner_name("score", name): _score(name, list(bins[name]), ends, name in empty)
            for name, ends in (scores or {}).items()
        }
    )
    return [add_columns(columns) for columns in added if columns], [*added[0], *added[1]]


def _bins(name: str, edges: Sequence[float], empty: bool) -> dict[str, str]:
    """Write the bins of a column in SQL, by the name of the bin's column."""
    value = quoted(inner_name(VALUE, name))
    return {
        inner_name(f"bin{number}", name): _unless_empty(value, _position(value, low, high), empty)
        for number, (low, high) in enumerate(pairwise(edges))
    }


def _score(name: str, bins: Sequence[str], scores: Sequence[float], empty: bool) -> str:
    """Write a column's normal score in SQL: each bin adds its part of the way to the next."""
    steps = [
        f"{high - low!r}D * {quoted(one)}"
        for one, (low, high) in zip(bins, pairwise(scores), strict=True)
    ]
    value = quoted(inner_name(VALUE, name))
    return _unless_empty(value, " + ".join([f"({scores[0]!r}D)", *steps]), empty)


def _unless_empty(value: str, sql: str, empty: bool) -> str:
    return f"IF({value} IS NULL, 0D, {sql})" if empty else sql


def _position(value: str, low: float, high: float) -> str:
    return f"greatest(least(({value} - ({low!r}D)) / {high - low!r}D, 1D), 0D)"
