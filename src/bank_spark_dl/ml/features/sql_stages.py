"""Apply stages in SQL: errors name the row, and train rows do not count themselves.

A saved stage knows neither the row's id nor where the row comes from, and takes every row for a new
one. Its statement marks with comments where either is put in, for this project's own steps.
"""

import re
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID, shown_name
from bank_spark_dl.ml.features.expressions import fails
from bank_spark_dl.spark.sql import quoted

SOURCE: Final = "__source"
"""The column that says where a row comes from, for messages."""

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
    """Add to each row where it comes from, which apply_sql needs."""
    return rows.withColumn(SOURCE, source)


def apply_sql(rows: DataFrame, stage: SQLTransformer, *, fitted: bool = False) -> DataFrame:
    """Apply a stage so that it fails with the name of the row and of what is wrong in it.

    Args:
        rows: Rows with a `row_id`, from add_source.
        stage: A stage in SQL.
        fitted: Whether the stage was fitted on these very rows: none of them counts itself then.
    """
    statement = str(stage.getStatement()).replace(ANY_ROW, _NAMED_ROW)
    if fitted:
        statement = statement.replace(OWN_ROW, "- 1L")
    if derived := _DERIVED.fullmatch(statement):
        name = shown_name(derived["name"].replace("``", "`"))
        rows = rows.where(_is_computable(derived["sql"], name))
    return _select(rows, statement)


def _select(rows: DataFrame, statement: str) -> DataFrame:
    """Do what SQLTransformer does, without its second analysis of each statement."""
    spark, view = rows.sparkSession, f"__rows_{uuid4().hex}"
    rows.createTempView(view)
    try:
        return spark.sql(statement.replace("__THIS__", view))
    finally:
        spark.catalog.dropTempView(view)


def named_row(sql: str) -> str:
    """Let SQL that refuses rows name them."""
    return sql.replace(ANY_ROW, _NAMED_ROW)


def _is_computable(sql: str, name: str) -> Column:
    # A filter: Spark evaluates it before what is computed above it.
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
