"""Apply SQL stages so that errors name the row and train rows do not count themselves.

A saved stage knows neither the row's id nor its source, and takes every row for a new one. Comments
in its statement mark where apply_sql puts these in.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID, shown_name
from bank_spark_dl.ml.features.expressions import fails
from bank_spark_dl.spark.sql import quoted

SOURCE: Final = "__source"
"""The column of each row's source, for messages."""

ANY_ROW: Final = "/*__row__*/ 'In a row'"
OWN_ROW: Final = "/*__without_the_row_itself__*/"

_NAMED_ROW: Final = f"{SOURCE}, ': in the row with {ROW_ID} ', CAST({ROW_ID} AS STRING)"
_DERIVED: Final = re.compile(
    r"SELECT \*, \((?P<sql>.*)\n\) AS `(?P<name>(?:[^`]|``)+)` FROM __THIS__", re.DOTALL
)
_SHOWN: Final = 100  # characters of an expression in a message


def add_columns(expressions: Mapping[str, str]) -> SQLTransformer:
    """Make a stage that adds columns, given as name and SQL expression."""
    added = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in expressions.items())
    return SQLTransformer(statement=f"SELECT *, {added} FROM __THIS__")


def add_derived(name: str, sql: str) -> SQLTransformer:
    """Make a stage that adds a column of `features.derived`, under the name that carries it."""
    return add_columns({name: f"({sql}\n)"})  # a comment ends with its line


def add_source(rows: DataFrame, source: Column) -> DataFrame:
    """Add the source of each row, which apply_sql needs."""
    return rows.withColumn(SOURCE, source)


def apply_stages(rows: DataFrame, stages: Iterable[Any], *, fitted: bool = False) -> DataFrame:
    """Apply stages one after the other, those in SQL by apply_sql."""
    for stage in stages:
        if isinstance(stage, SQLTransformer):
            rows = apply_sql(rows, stage, fitted=fitted)
        else:
            rows = stage.transform(rows)
    return rows


def apply_sql(rows: DataFrame, stage: SQLTransformer, *, fitted: bool = False) -> DataFrame:
    """Apply a stage so that its errors name the row and what is wrong with it.

    Args:
        rows: Rows with a `row_id`, from add_source.
        stage: A stage in SQL.
        fitted: Whether the stage was fitted on these rows: then no row counts itself.
    """
    statement = str(stage.getStatement()).replace(ANY_ROW, _NAMED_ROW)
    if fitted:
        statement = statement.replace(OWN_ROW, "- 1L")
    if derived := _DERIVED.fullmatch(statement):
        name = shown_name(derived["name"].replace("``", "`"))
        rows = rows.where(_is_computable(derived["sql"], name))
    return _select(rows, statement)


def _select(rows: DataFrame, statement: str) -> DataFrame:
    """Transform as SQLTransformer does, without its second analysis of each statement."""
    spark, view = rows.sparkSession, f"__rows_{uuid4().hex}"
    rows.createTempView(view)
    try:
        return spark.sql(statement.replace("__THIS__", view))
    finally:
        spark.catalog.dropTempView(view)


def named_row(sql: str) -> str:
    """Complete the messages of SQL checks by the row's source and id."""
    return sql.replace(ANY_ROW, _NAMED_ROW)


def _is_computable(sql: str, name: str) -> Column:
    # This becomes a filter, which Spark evaluates before the columns that are computed from it.
    shown = " ".join(sql.split())
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    failure = F.concat(
        F.expr(f"concat({_NAMED_ROW})"),
        F.lit(
            f" features.derived.{name} cannot be computed ({shown}): it divides by zero, say, "
            "casts a text that is no number or looks beyond an array's end. Correct the row, or "
            "give the expression an answer there: try_divide, try_cast, CASE WHEN."
        ),
    )
    return F.when(fails(sql), F.raise_error(failure).cast("boolean")).otherwise(F.lit(True))
