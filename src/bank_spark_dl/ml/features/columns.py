"""Choose the columns that become inputs, and say why others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    NumericType,
    StringType,
)

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import ORDER, ROW_ID, carried_name, shown_name
from bank_spark_dl.ml.features.dates import DATES, date_inputs
from bank_spark_dl.parameters import DataOptions, DateOptions
from bank_spark_dl.spark.sql import quoted

TEXTS: Final = (StringType,)
NUMBERS: Final = (NumericType, BooleanType)
"""Which types `auto` takes."""

NEARLY_EVERY: Final = 0.9
"""A text column with more different values than this share of its rows is like an id."""

AFTERWARDS: Final = "; known only after the outcome"


@dataclass(frozen=True)
class FeatureColumns:
    """Raw names of the columns that become inputs, in the order of the inputs.

    Attributes:
        categorical: Taken as text.
        numeric: Taken as doubles; true is 1, false 0. What is made of dates follows.
        dates: Names of the numeric inputs that are made of each date or timestamp.
        left_out: Why other columns are not, by name; neither the id nor the label is among them.
        same_period: Columns behind the inputs whose values mean something only in the weeks of the
            train rows.
    """

    categorical: tuple[str, ...]
    numeric: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict, compare=False)
    dates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same_period: tuple[str, ...] = field(default=(), compare=False)


def choose_columns(
    rows: DataFrame,
    data: DataOptions,
    missing: str | float = "error",
    dates: DateOptions | None = None,
) -> FeatureColumns:
    """Take the feature lists as given, or by column type where they say `auto`.

    Args:
        rows: Train rows with derived columns; one Spark job runs over them if text is chosen by
            type.
        data: Names columns, and says when they are known.
        missing: What stands for missing values; unless they are an `error`, they are a category.
        dates: What is made of dates and timestamps; None: nothing.

    Raises:
        ParameterError: A named column is not there or has the wrong type, or no column is left.
    """
    options = data.columns
    types = _candidates(rows, data)
    left_out = dict.fromkeys(options.drop, "dropped by data.columns.drop") | _other_roles(data)
    if options.categorical == "auto":
        left_out |= _without_information(rows, _of(types, *TEXTS), missing)
        texts = [name for name in _of(types, *TEXTS) if name not in left_out]
    else:
        texts = _of(types, *TEXTS, BooleanType)
    categorical = _choose("categorical", options.categorical, texts, options.numeric)
    numbers = _of(types, *NUMBERS)
    numeric = _choose("numeric", options.numeric, numbers, options.categorical)
    made = _date_inputs(types, dates)
    for name in types.keys() - {*categorical, *numeric, *left_out, *made}:
        left_out[name] = _reason(types[name], dates)
    in_order = {
        name: left_out[name] + (AFTERWARDS if data.availability.get(name) == "after_call" else "")
        for name in [*options.drop, *_other_roles(data), *types]
        if name in left_out
    }
    parts = [part for named in made.values() for part in named]
    return check_any(FeatureColumns(categorical, (*numeric, *parts), in_order, made))


def check_any(columns: FeatureColumns) -> FeatureColumns:
    """Return columns if there are any.

    Raises:
        ParameterError: No column is left to be an input.
    """
    if not columns.categorical + columns.numeric:
        raise ParameterError(
            "data.columns.categorical and data.columns.numeric choose no column: name at least "
            f"one. Left out are {describe(columns.left_out)}."
        )
    return columns


def describe(left_out: Mapping[str, str]) -> str:
    """List columns with the reasons why they are left out."""
    return ", ".join(f"{name} ({reason})" for name, reason in left_out.items()) or "none"


def _candidates(rows: DataFrame, data: DataOptions) -> dict[str, DataType]:
    """Return the types of the columns that may be inputs, by raw name."""
    others = {ROW_ID, *map(carried_name, [data.columns.label, *data.no_inputs()])}
    return {
        shown_name(column.name): column.dataType
        for column in rows.schema
        if column.name not in others and not column.name.startswith("__")  # this project's own
    }


def _other_roles(data: DataOptions) -> dict[str, str]:
    """Say why the columns that split or weigh the rows are no inputs; ORDER is none of them."""
    reasons = {
        data.columns.time: "it orders the rows in time",
        data.columns.group: "it names the group of a row",
        data.weight: "it weighs the row",
    }
    return {name: why for name, why in reasons.items() if name and name != ORDER}


def _of(types: Mapping[str, DataType], *kinds: type[DataType]) -> list[str]:
    return [name for name, kind in types.items() if isinstance(kind, kinds)]


def _choose(
    key: str, named: list[str] | str, available: Sequence[str], elsewhere: list[str] | str
) -> tuple[str, ...]:
    if isinstance(named, str):
        others = elsewhere if isinstance(elsewhere, list) else ()
        return tuple(name for name in available if name not in others)
    wrong = [name for name in named if name not in available]
    if wrong:
        raise ParameterError(
            f"data.columns.{key} names {', '.join(wrong)}, but the {key} columns of the clean "
            f"table are {', '.join(available) or 'none'}: change the list, the schema or "
            "data.columns.drop."
        )
    return tuple(named)


def _without_information(
    rows: DataFrame, texts: Sequence[str], missing: str | float
) -> dict[str, str]:
    """Find text columns with one value for all rows, or with another one for nearly each."""
    if not texts:
        return {}
    figures = [
        F.struct(F.count(text), F.approx_count_distinct(text, 0.02), F.min(text), F.max(text))
        for text in (F.col(quoted(carried_name(name))) for name in texts)
    ]
    found: dict[str, str] = {}
    number, *found_figures = rows.agg(F.count(F.lit(1)), *figures).collect()[0]
    for name, (count, values, first, last) in zip(texts, found_figures, strict=True):
        one_category = first == last and (missing == "error" or count == number)
        if count == 0:
            found[name] = "no train row has a value"
        elif one_category:
            found[name] = f"the train rows hold the single value {first!r}"
        elif values > NEARLY_EVERY * count:
            found[name] = "nearly every train row has a value of its own"
    return found


def _date_inputs(types: Mapping[str, DataType], dates: DateOptions | None) -> dict[str, list[str]]:
    if dates is None:
        return {}
    kinds = {name: types[name] for name in _of(types, *DATES)}
    made = {name: parts for name, parts in date_inputs(kinds, dates).items() if parts}
    for name, parts in made.items():
        if taken := [part for part in parts if part in types]:
            raise ParameterError(
                f"features.dates makes {', '.join(taken)} of {name}, but the table has a column of "
                "that name: rename it."
            )
    return made


def _reason(kind: DataType, dates: DateOptions | None) -> str:
    if isinstance(kind, TEXTS + NUMBERS):
        return "not named in data.columns"
    if isinstance(kind, DATES) and dates is None:
        return "a date or time: set features.dates"
    if isinstance(kind, DATES):
        return "a date has no hour, the only one of features.dates.parts"
    return f"of the type {kind.simpleString()}: neither numbers, text nor true and false"
