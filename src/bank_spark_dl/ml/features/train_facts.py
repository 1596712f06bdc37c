"""Count missing values and find the newest dates, in the pass that counts the label's classes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, FloatType, StringType

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.dates import date_types, position_sql
from bank_spark_dl.ml.features.label import class_figures, label_value
from bank_spark_dl.spark.sql import quoted

MISSING, NEWEST = "missing", "newest"


@dataclass(frozen=True)
class TrainFacts:
    """What is known of the train rows' columns.

    Attributes:
        rows: Their number.
        missing: By raw name, the rows whose value is null, NaN or an empty text; only columns with
            such rows.
        newest: By raw name of a date or timestamp, the newest one: days or microseconds since the
            start of 1970; only columns with values.
    """

    rows: int
    missing: Mapping[str, int] = field(default_factory=dict)
    newest: Mapping[str, int] = field(default_factory=dict)

    def is_empty(self, name: str) -> bool:
        """Tell whether no row has a value in a column."""
        return self.missing.get(name) == self.rows


def counted_inputs(columns: FeatureColumns) -> list[str]:
    """Return the inputs whose missing values are counted: dates instead of their parts."""
    made = {part for parts in columns.dates.values() for part in parts}
    numbers = [name for name in columns.numeric if name not in made]
    return [*columns.categorical, *numbers, *columns.dates]


def count_train_rows(
    rows: DataFrame, label: str, columns: FeatureColumns, numbers: bool
) -> tuple[dict[str | None, int], TrainFacts]:
    """Count the rows by class, and look at their inputs, in one Spark action.

    Args:
        rows: Train rows with their label and derived columns.
        label: The label's column.
        columns: The inputs.
        numbers: Whether the label is a number to predict.

    Returns:
        Rows by class; see label_value. And what is known of the inputs, if these are all classes.
    """
    names, dates = counted_inputs(columns), list(columns.dates)
    classes = class_figures(
        rows,
        label_value(rows, label, numbers),
        F.array(*(F.count(F.when(is_missing(rows, name), 1)) for name in names)).alias(MISSING),
        F.array(
            *(F.max(F.expr(position_sql(n, kind))) for n, kind in date_types(rows, dates).items())
        ).alias(NEWEST),
    )
    missing = {
        name: sum(counts) for name, counts in zip(names, _columns(classes, MISSING), strict=False)
    }
    newest = {
        name: max(there)
        for name, found in zip(dates, _columns(classes, NEWEST), strict=False)
        if (there := [value for value in found if value is not None])
    }
    counts = {row["value"]: row["count"] for row in classes}
    gaps = {name: number for name, number in missing.items() if number}
    return counts, TrainFacts(sum(counts.values()), gaps, newest)


def _columns(classes: list[Any], figure: str) -> Iterator[tuple[Any, ...]]:
    """Return the figures of each column, by class."""
    return zip(*(row[figure] for row in classes), strict=True)


def is_missing(rows: DataFrame, name: str) -> Column:
    """Return whether a raw column has no value: null, NaN or an empty text."""
    kind = rows.schema[carried_name(name)].dataType
    column = F.col(quoted(carried_name(name)))
    if isinstance(kind, DoubleType | FloatType):
        return column.isNull() | F.isnan(column)
    if isinstance(kind, StringType):
        return column.isNull() | (column == "")
    return column.isNull()
