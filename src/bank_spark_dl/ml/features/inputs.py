"""Copy the input columns under safe names, with checked values.

Spark ML takes no column with a dot in its name, and a stage's column could have the name of another
column. Inputs are therefore copied first, under names that no column of a table has.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from pyspark.ml.feature import SQLTransformer

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.sql_stages import ANY_ROW, add_columns
from bank_spark_dl.spark.sql import literal, sql_name

VALUE: Final = "value"
MISSING: Final = "missing"
LARGEST: Final = "3.4028235677973366E38D"
"""The smallest double that becomes infinity as float32, the network's type."""

_KEEP_UNSEEN: Final = ". Correct it, or train with features.unseen_categories: keep."
_UNSAFE: Final = re.compile(r"[.`$%]|T(?=HIS)")  # what Spark and SQLTransformer would understand


def inner_name(role: str, name: str) -> str:
    """Name the column of a stage, by its role and the raw column that it is made of."""
    safe = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)
    return f"__{role}_{safe}"


def raw_name(inner: str) -> str:
    """Return the raw column of a value's inner name; of any other name, itself."""
    prefix = inner_name(VALUE, "")
    return unquote(inner.removeprefix(prefix)) if inner.startswith(prefix) else inner


@dataclass(frozen=True)
class InputValues:
    """The values of the inputs in SQL over the columns of the rows.

    Attributes:
        texts: By categorical input; null is a missing value that no category stands for.
        numbers: By numeric input, doubles.
        missing: By numeric input or date with missing values in the train rows: 1 where the value
            is missing, else 0.
        empty: Numeric inputs that may be null; all others are refused where they are.
        frequent: By categorical input, the categories that get an input; None: all.
    """

    texts: Mapping[str, str]
    numbers: Mapping[str, str]
    missing: Mapping[str, str] = field(default_factory=dict)
    empty: Collection[str] = ()
    frequent: Mapping[str, Sequence[str]] | None = None


def plain_values(columns: FeatureColumns, dates: Mapping[str, str] | None = None) -> InputValues:
    """Write the inputs as texts and doubles; no value may be missing.

    Args:
        columns: The inputs.
        dates: SQL of those that are made of dates, by name.
    """
    made = dates or {}
    return InputValues(
        texts={name: text_sql(name) for name in columns.categorical},
        numbers={name: made.get(name) or number_sql(name) for name in columns.numeric},
    )


def inputs_stage(
    values: InputValues,
    categories: Mapping[str, Sequence[str] | None],
    scaled: Mapping[str, str],
) -> SQLTransformer:
    """Make the stage that copies the inputs, and refuses values that the network cannot take.

    Args:
        values: The inputs.
        categories: For categorical columns that refuse missing texts: the known categories, if
            others are refused too. Columns that are not named here take any text.
        scaled: For numeric columns that a later stage standardizes: the result in SQL.

    Returns:
        A stage that adds texts and doubles as inner_name("value", name), and what says that a
        number is missing as inner_name("missing", name).
    """
    copies = {
        name: checked_text(sql, name, categories[name]) if name in categories else sql
        for name, sql in values.texts.items()
    }
    for name, sql in values.numbers.items():
        checked = checked_number(sql, name, scaled.get(name))
        copies[name] = f"IF({sql} IS NULL, NULL, {checked})" if name in values.empty else checked
    added = {inner_name(VALUE, name): sql for name, sql in copies.items()}
    said = {inner_name(MISSING, name): sql for name, sql in values.missing.items()}
    return add_columns(added | said)


def text_sql(name: str) -> str:
    """Write a raw column as text."""
    return f"CAST({sql_name(carried_name(name))} AS STRING)"


def number_sql(name: str) -> str:
    """Write a raw column of numbers as doubles."""
    return f"CAST({sql_name(carried_name(name))} AS DOUBLE)"


def checked_text(sql: str, name: str, known: Sequence[str] | None) -> str:
    """Write SQL that returns a text, or fails if it is missing or not known."""
    taken, refusal = f"{sql} IS NOT NULL", _refusal(name, "'is empty'", _KEEP_UNSEEN)
    if known is not None:
        taken = f"{sql} IN ({', '.join(map(literal, known))})"
        refusal = unseen_text(sql, name)
    return f"CASE WHEN {taken} THEN {sql} ELSE {refusal} END"


def unseen_text(sql: str, name: str) -> str:
    """Write SQL that fails and names a text that no train row has."""
    unseen = f"concat('holds \\'', {sql}, '\\', a value that no train row has')"
    return _refusal(name, f"coalesce({unseen}, 'is empty')", _KEEP_UNSEEN)


def checked_number(sql: str, name: str, scaled: str | None) -> str:
    """Write SQL that returns a double, or fails if it is too large for float32, scaled or not.

    Args:
        sql: A double.
        name: Its column's name, for the message.
        scaled: The scaled value in SQL, if the column is standardized.
    """
    values = [sql] if scaled is None else [sql, scaled]
    taken = " AND ".join(f"abs({value}) < {LARGEST}" for value in values)  # not so for NaN
    beyond = f"concat('holds ', {sql}, ', too large for the 32-bit numbers of the network')"
    problem = f"IF({sql} IS NULL OR isnan({sql}), 'holds no number', {beyond})"
    return f"CASE WHEN {taken} THEN {sql} ELSE {_refusal(name, problem, '. Correct it.')} END"


def _refusal(name: str, problem: str, advice: str) -> str:
    column = literal(f" the column '{name}' ")
    return f"raise_error(concat({ANY_ROW}, {column}, {problem}, {literal(advice)}))"
