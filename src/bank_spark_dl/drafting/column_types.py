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
    TimestampNTZType,
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
    commas = any(one.all_are("whole", "comma") and "comma" in one.forms for one in columns)
    points = any(one.all_are("whole", "decimal") and "decimal" in one.forms for one in columns)
    return "," if commas and not points else "."


def declared_type(column: ColumnFacts, file_format: str, decimal: str = ".") -> DataType:
    """Return the narrowest type that holds all values of a column.

    Args:
        column: What it holds.
        file_format: csv: all columns are texts; json: dates are texts; others have types.
        decimal: The decimal mark of the file.
    """
    if isinstance(column.kind, TimestampNTZType):
        return TimestampType()
    if not isinstance(column.kind, StringType):
        return column.kind
    if file_format == "csv":
        return _type_of_texts(column, decimal)
    return _type_of_dates(column) if file_format == "json" else column.kind


def _type_of_texts(column: ColumnFacts, decimal: str) -> DataType:
    if column.all_are("whole"):
        return LongType() if _is_long(column) else IntegerType()
    if column.all_are("whole", "decimal" if decimal == "." else "comma"):
        return DoubleType()
    return BooleanType() if column.all_are("boolean") else _type_of_dates(column)


def _type_of_dates(column: ColumnFacts) -> DataType:
    if column.all_are("date"):
        return DateType()
    return TimestampType() if column.all_are("date", "timestamp") else StringType()


def _is_long(column: ColumnFacts) -> bool:
    low, high = column.low or 0.0, column.high or 0.0
    return max(abs(low), abs(high)) > _LARGEST_INTEGER
