"""Choose the declared type of each column."""

from collections.abc import Sequence

from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

from bank_spark_dl.drafting.inspection import ColumnFacts

_LARGEST_INTEGER = 2**31 - 1


def decimal_mark(columns: Sequence[ColumnFacts], sep: str | None) -> str:
    """Return the decimal mark of a CSV file: a comma if no number has a point.

    Args:
        columns: What the file holds.
        sep: Its separator; None for other formats.
    """
    if sep in (None, ","):
        return "."
    commas = [column for column in columns if column.commas and _all(column, column.commas)]
    points = [column for column in columns if column.decimals > column.wholes]
    return "," if commas and not any(_all(column) for column in points) else "."


def declared_type(column: ColumnFacts, decimal: str = ".") -> DataType:
    """Return the narrowest type that holds all values of a column.

    Args:
        column: What it holds.
        decimal: The decimal mark of the file.
    """
    if not isinstance(column.kind, StringType) or not column.values:
        return column.kind
    if column.wholes == column.values and not column.zeros:
        return LongType() if _is_long(column) else IntegerType()
    numbers = column.decimals if decimal == "." else column.wholes + column.commas
    if numbers == column.values and not column.zeros:
        return DoubleType()
    if column.booleans == column.values:
        return BooleanType()
    if column.dates == column.values:
        return DateType()
    if column.dates + column.timestamps == column.values:
        return TimestampType()
    return StringType()


def _all(column: ColumnFacts, others: int = 0) -> bool:
    """Tell whether all values of a column are numbers."""
    numbers = column.wholes + others if others else column.decimals
    return numbers == column.values


def _is_long(column: ColumnFacts) -> bool:
    low, high = column.low or 0.0, column.high or 0.0
    return max(abs(low), abs(high)) > _LARGEST_INTEGER
