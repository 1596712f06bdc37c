"""Refuse missing values in the train rows, or choose what stands for them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.columns import FeatureColumns, check_any
from bank_spark_dl.ml.features.inputs import InputValues
from bank_spark_dl.ml.features.train_facts import TrainFacts
from bank_spark_dl.ml.statistics import number_values
from bank_spark_dl.parameters import ColumnOptions, FeatureOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import literal

MISSING_CATEGORY: Final = "(missing)"
NULL: Final = "CAST(NULL AS DOUBLE)"


def without_empty(
    columns: FeatureColumns, facts: TrainFacts, options: ColumnOptions
) -> FeatureColumns:
    """Leave out numeric inputs without any value in the train rows.

    Raises:
        InputDataError: Such a column is listed in `data.columns.numeric`.
        ParameterError: No input is left.
    """
    columns, empty_dates = _without_empty_dates(columns, facts)
    empty = [name for name in columns.numeric if facts.is_empty(name)]
    listed = [name for name in empty if name in options.listed()]
    if listed:
        raise InputDataError(
            f"data.columns.numeric names {', '.join(listed)}, but no train row has a value there: "
            "take it out of the list, or add it to data.columns.drop."
        )
    reasons = dict.fromkeys([*empty, *empty_dates], "no train row has a value")
    left_out = {**columns.left_out, **reasons}
    numeric = tuple(name for name in columns.numeric if name not in empty)
    return check_any(replace(columns, numeric=numeric, left_out=left_out))


def _without_empty_dates(
    columns: FeatureColumns, facts: TrainFacts
) -> tuple[FeatureColumns, list[str]]:
    empty = [name for name in columns.dates if facts.is_empty(name)]
    gone = {part for name in empty for part in columns.dates[name]}
    numeric = tuple(name for name in columns.numeric if name not in gone)
    dates = {name: parts for name, parts in columns.dates.items() if name not in empty}
    return replace(columns, numeric=numeric, dates=dates), empty


def refuse_missing(columns: FeatureColumns, facts: TrainFacts, unseen: str, source: str) -> None:
    """Raise InputDataError if inputs have missing values, see missing_sentence."""
    if said := missing_sentence(columns, facts, unseen, source):
        raise InputDataError(said)


def missing_sentence(
    columns: FeatureColumns, facts: TrainFacts, unseen: str, source: str
) -> str | None:
    """Name all inputs with missing values, each with its number of rows; None without any.

    Args:
        columns: The inputs.
        facts: The rows' missing values.
        unseen: What unseen categories do: with `keep`, missing ones are among them.
        source: What the rows are.
    """
    texts = columns.categorical if unseen == "error" else ()
    names = [*texts, *columns.numeric, *columns.dates]  # parts of dates have no count of their own
    found = [f"{name} ({facts.missing[name]} rows)" for name in names if name in facts.missing]
    if not found:
        return None
    return (
        f"{source} have missing values in {', '.join(found)}, which the network cannot take: set "
        "features.missing: median, fill them in the table, or add the columns to "
        "data.columns.drop."
    )


def empty_as_null(values: InputValues, facts: TrainFacts) -> InputValues:
    """Take empty texts for missing ones: Spark ML's encoder fails on a category without a name."""
    texts = {
        name: f"nullif({sql}, '')" if name in facts.missing else sql
        for name, sql in values.texts.items()
    }
    return replace(values, texts=texts)


def filled_values(
    rows: DataFrame,
    columns: FeatureColumns,
    values: InputValues,
    facts: TrainFacts,
    options: FeatureOptions,
) -> InputValues:
    """Write the inputs' values with what stands for missing ones.

    Args:
        rows: Train rows with derived columns; one Spark job runs over them for medians and means.
        columns: The inputs.
        values: Their values as they are.
        facts: The train rows' missing values.
        options: What stands for them, and the encoding: with bins, missing values have one of their
            own instead.
    """
    fills = _fills(rows, values.numbers, options.missing)
    missing = {
        name: _says_missing(sql) for name, sql in values.numbers.items() if name in facts.missing
    }
    dates = {name: parts for name, parts in columns.dates.items() if name in facts.missing}
    gaps = {*missing, *(part for parts in dates.values() for part in parts)}
    # All parts of a date are missing at once: one input says so.
    missing |= {name: _says_missing(values.numbers[parts[0]]) for name, parts in dates.items()}
    empty = frozenset(gaps if options.piecewise_linear else ())
    numbers = {
        name: f"nanvl({sql}, {NULL})" if name in empty else _filled(sql, fills[name])
        for name, sql in values.numbers.items()
    }
    texts = {
        name: f"coalesce({sql}, {literal(MISSING_CATEGORY)})" if name in facts.missing else sql
        for name, sql in values.texts.items()
    }
    return InputValues(texts, numbers, missing, empty)


def _says_missing(sql: str) -> str:
    return f"IF({sql} IS NULL OR isnan({sql}), 1D, 0D)"


def _filled(sql: str, fill: float) -> str:
    return f"coalesce(nanvl({sql}, {fill!r}D), {fill!r}D)"


def _fills(rows: DataFrame, numbers: Mapping[str, str], missing: str | float) -> dict[str, float]:
    if not isinstance(missing, str):
        return dict.fromkeys(numbers, float(missing))
    if not numbers:
        return {}
    names = list(numbers)
    there = rows.select(*(F.expr(f"nanvl({numbers[n]}, {NULL})").alias(n) for n in names))
    middle = F.percentile("value", F.lit(0.5)) if missing == "median" else F.mean("value")
    with one_job_per_action(rows.sparkSession):
        found = number_values(there, names).agg(middle.alias("middle")).collect()
    return {names[place]: middle for place, middle in found}
