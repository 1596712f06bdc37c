"""Make numbers of dates and timestamps: the parts of the calendar, and the age.

Years, months, days and hours are those of the session's time zone, UTC in conf/base/spark.yml.
"""

from collections.abc import Iterable, Mapping
from math import pi
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, DateType, TimestampNTZType, TimestampType

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.parameters import DateOptions
from bank_spark_dl.spark.sql import sql_name

DATES: Final = (DateType, TimestampType, TimestampNTZType)
MICROSECONDS: Final = "8.64E10D"  # of a day

_CALENDAR: Final = {
    "year": "year({})",
    "month": "month({})",
    "day_of_month": "dayofmonth({})",
    "day_of_week": "weekday({}) + 1",
    "hour": "hour({})",
}
_PERIODS: Final = {"month": 12, "day_of_month": 31, "day_of_week": 7, "hour": 24}


def date_inputs(columns: Mapping[str, DataType], options: DateOptions) -> dict[str, list[str]]:
    """Name the numeric inputs that are made of each column.

    Args:
        columns: Types of dates and timestamps, by raw name.
        options: Parts and encoding.

    Returns:
        Names such as `signup (month)`, by raw name; none where the only part is an hour, which a
        date does not have.
    """
    return {name: list(_parts(name, kind, options, "0")) for name, kind in columns.items()}


def date_numbers(
    columns: Mapping[str, DataType], options: DateOptions | None, newest: Mapping[str, int]
) -> dict[str, str]:
    """Write these inputs in SQL, as doubles; null where the date is missing.

    Args:
        columns: Types of dates and timestamps, by raw name.
        options: Parts and encoding.
        newest: By column, the largest position_sql of the train rows.
    """
    if options is None:
        return {}
    return {
        part: sql
        for name, kind in columns.items()
        for part, sql in _parts(name, kind, options, str(newest[name])).items()
    }


def date_types(rows: DataFrame, names: Iterable[str]) -> dict[str, DataType]:
    """Return the types of columns, by raw name."""
    return {name: rows.schema[carried_name(name)].dataType for name in names}


def position_sql(name: str, kind: DataType) -> str:
    """Write a date in days, a timestamp in microseconds, both since the start of 1970."""
    column = sql_name(carried_name(name))
    if isinstance(kind, DateType):
        return f"CAST(unix_date({column}) AS BIGINT)"
    return f"unix_micros(CAST({column} AS TIMESTAMP))"


def _parts(name: str, kind: DataType, options: DateOptions, newest: str) -> dict[str, str]:
    column = sql_name(carried_name(name))
    parts: dict[str, str] = {}
    for part in options.parts:
        if part == "days_since_newest":
            parts[f"{name} ({part})"] = _age(name, kind, newest)
        elif part != "hour" or not isinstance(kind, DateType):
            number = _CALENDAR[part].format(column)
            parts |= _encoded(name, part, number, options.encoding)
    return parts


def _age(name: str, kind: DataType, newest: str) -> str:
    age = f"CAST({newest}L - {position_sql(name, kind)} AS DOUBLE)"
    return age if isinstance(kind, DateType) else f"{age} / {MICROSECONDS}"


def _encoded(name: str, part: str, number: str, encoding: str) -> dict[str, str]:
    """Place a number of a period on a circle, so that its end is next to its start."""
    if encoding == "number" or part not in _PERIODS:
        return {f"{name} ({part})": f"CAST({number} AS DOUBLE)"}
    angle = f"({number}) * {2 * pi / _PERIODS[part]!r}D"
    return {f"{name} ({part}, {function})": f"{function}({angle})" for function in ("sin", "cos")}
