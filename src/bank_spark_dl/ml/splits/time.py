"""Order rows in time by a column of dates, times or numbers."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    DataType,
    DateType,
    DecimalType,
    IntegralType,
    NumericType,
    TimestampNTZType,
    TimestampType,
)

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.spark.sql import quoted


def check_time(name: str, kind: DataType) -> None:
    """Refuse a column that cannot order rows in time.

    Args:
        name: Its raw name.
        kind: Its type.

    Raises:
        ParameterError: It holds neither dates nor times nor numbers.
    """
    if not isinstance(kind, NumericType | DateType | TimestampType | TimestampNTZType):
        raise ParameterError(
            f"data.columns.time names '{name}', a column of the type {kind.simpleString()}, and "
            "only dates, timestamps and numbers order rows in time: declare another type in the "
            "schema, or name another column."
        )


def moment(rows: DataFrame, name: str) -> Column:
    """Return a number for each row's moment; later moments have higher numbers.

    Args:
        rows: Clean rows.
        name: Raw name of the column that orders them.

    Raises:
        ParameterError: It holds neither dates nor times nor numbers.
    """
    column, kind = F.col(quoted(carried_name(name))), rows.schema[carried_name(name)].dataType
    check_time(name, kind)
    if isinstance(kind, DateType):
        return F.unix_date(column)
    if isinstance(kind, TimestampType | TimestampNTZType):
        return F.unix_micros(column.cast("timestamp"))
    return column.cast(kind if isinstance(kind, DecimalType) else _wide(kind))


def _wide(kind: DataType) -> str:
    return "long" if isinstance(kind, IntegralType) else "double"
