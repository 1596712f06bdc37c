"""Identify each row by its id, or by a hash of its values."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import ORDER, ROW_ID, carried_name
from bank_spark_dl.spark.sql import quoted

SHOWN = 5  # ids named in a message


def add_row_id(rows: DataFrame, id_column: str | None) -> DataFrame:
    """Put `row_id` first, and give the other columns their carried names.

    Args:
        rows: Raw rows.
        id_column: The column that becomes `row_id`, its type kept. None: a 64-bit hash of the row's
            values and of its number among identical rows, the same in any order of the rows.
            `:order` is no value.

    Returns:
        `row_id`, then the other columns; see ml.column_names.
    """
    values = {name: F.col(quoted(name)) for name in rows.columns}
    if id_column:
        row_id = values.pop(id_column)
    else:
        hashed = [value for name, value in values.items() if name != ORDER]
        twins = Window.partitionBy(F.xxhash64(*hashed)).orderBy(*hashed, *_order(rows))
        row_id = F.xxhash64(*hashed, F.row_number().over(twins))
    carried = (value.alias(carried_name(name)) for name, value in values.items())
    return rows.select(row_id.alias(ROW_ID), *carried)


def _order(rows: DataFrame) -> list[Column]:
    return [F.col(quoted(ORDER))] if ORDER in rows.columns else []


def check_unique(rows: DataFrame, id_column: str, source: str) -> None:
    """Refuse ids that several rows have.

    Args:
        rows: Rows with the id column.
        id_column: Its name.
        source: Where the rows come from, for the message.

    Raises:
        InputDataError: There are such ids; names at most five.
    """
    ids = rows.select(F.col(quoted(id_column)).alias(ROW_ID))
    counts = ids.groupBy(ROW_ID).count().where("count > 1").orderBy(ROW_ID)
    doubled = counts.limit(SHOWN).collect()
    if doubled:
        listed = ", ".join(f"{value} ({number} rows)" for value, number in doubled)
        raise InputDataError(
            f"{source}: the id column '{id_column}' must name each row once, but these ids come "
            f"more often: {listed}. Correct them, or set data.columns.id to null."
        )
