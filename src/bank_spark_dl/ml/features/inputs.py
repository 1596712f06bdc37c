"""Copy the input columns under safe names, with checked values.

Spark ML takes no column with a dot in its name, and a stage's column could have the name of another
column. Inputs are therefore copied first, under names that no column of a table has.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from pyspark.ml.feature import SQLTransformer

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.sql_stages import ANY_ROW, add_columns
from bank_spark_dl.spark.sql import literal, sql_name

VALUE: Final = "value"
LARGEST: Final = "3.4028235677973366E38D"
"""The smallest double that becomes infinity as float32, the network's type."""

_UNSAFE: Final = re.compile(r"[.`$%]|T(?=HIS)")  # what Spark and SQLTransformer would understand


def inner_name(role: str, name: str) -> str:
    """Name the column of a stage, by its role and the raw column that it is made of."""
    safe = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)
    return f"__{role}_{safe}"


def raw_name(inner: str) -> str:
    """Return the raw column of a value's inner name; of any other name, itself."""
    prefix = inner_name(VALUE, "")
    return unquote(inner.removeprefix(prefix)) if inner.startswith(prefix) else inner


def inputs_stage(
    columns: FeatureColumns,
    categories: Mapping[str, Sequence[str] | None],
    scaled: Mapping[str, str],
) -> SQLTransformer:
    """Make the stage that copies the inputs, and refuses values that the network cannot take.

    Args:
        columns: The inputs.
        categories: For categorical columns that refuse missing texts: the known categories, if
            others are refused too. Columns that are not named here take any text.
        scaled: For numeric columns that a later stage standardizes: the result in SQL.

    Returns:
        A stage that adds texts and doubles as inner_name("value", name).
    """
    texts = {
        name: f"CAST({sql_name(carried_name(name))} AS STRING)" for name in columns.categorical
    }
    copies = {
        name: checked_text(sql, name, categories[name]) if name in categories else sql
        for name, sql in texts.items()
    }
    for name in columns.numeric:
        copies[name] = checked_number(number_sql(name), name, scaled.get(name))
    return add_columns({inner_name(VALUE, name): sql for name, sql in copies.items()})


def number_sql(name: str) -> str:
    """Write a raw column of numbers as doubles."""
    return f"CAST({sql_name(carried_name(name))} AS DOUBLE)"


def checked_text(sql: str, name: str, known: Sequence[str] | None) -> str:
    """Write SQL that returns a text, or fails if it is missing or not known."""
    taken, problem = f"{sql} IS NOT NULL", "'is empty'"
    if known is not None:
        taken = f"{sql} IN ({', '.join(map(literal, known))})"
        unseen = f"concat('holds \\'', {sql}, '\\', which no train row does')"
        problem = f"coalesce({unseen}, {problem})"
    advice = ". Correct it, or train with features.unseen_categories: keep."
    return f"CASE WHEN {taken} THEN {sql} ELSE {_refusal(name, problem, advice)} END"


def checked_number(sql: str, name: str, scaled: str | None) -> str:
    """Write SQL that returns a double, or fails if it is too large for float32, scaled or not.

    Args:
        sql: A double.
        name: Its column's name, for the message.
        scaled: The scaled value in SQL, if the column is standardized.
    """
    values = [sql] if scaled is None else [sql, scaled]
    taken = " AND ".join(f"abs({value}) < {LARGEST}" for value in values)  # not so for NaN
    beyond = f"concat('holds ', {sql}, ', beyond what a network of 32-bit numbers can take')"
    problem = f"IF({sql} IS NULL OR isnan({sql}), 'holds no number', {beyond})"
    return f"CASE WHEN {taken} THEN {sql} ELSE {_refusal(name, problem, '. Correct it.')} END"


def _refusal(name: str, problem: str, advice: str) -> str:
    column = literal(f" the column '{name}' ")
    return f"raise_error(concat({ANY_ROW}, {column}, {problem}, {literal(advice)}))"
