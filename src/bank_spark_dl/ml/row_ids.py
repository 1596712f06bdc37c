"""Name each row: by its own id, or by its values."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.columns import ROW_ID
from bank_spark_dl.schemas.values import quoted

SHOWN = 5  # ids named in a message


def add_row_id(rows: DataFrame, id_column: str | None) -> DataFrame:
    """Put `row_id` first.

    Args:
        rows: Any rows.
        id_column: The column that becomes `row_id`, its type kept. None: a 64-bit hash of the row's
            values and of its number among identical rows, the same in any order of the rows.

    Returns:
        `row_id`, then the other columns.
    """
    if id_column:
        others = [quoted(name) for name in rows.columns if name != id_column]
        return rows.select(F.col(quoted(id_column)).alias(ROW_ID), *others)
    values = [F.col(quoted(name)) for name in rows.columns]
    twins = Window.partitionBy(F.xxhash64(*values)).orderBy(*values)
    return rows.select(F.xxhash64(*values, F.row_number().over(twins)).alias(ROW_ID), *values)


def check_unique(rows: DataFrame, id_column: str, source: str) -> None:
    """Refuse ids that stand in several rows.

    Args:
        rows: Rows with the id column.
        id_column: Its name.
        source: Where the rows come from, for the message.

    Raises:
        InputDataError: There are such ids; names at most five.
    """
    name = quoted(id_column)
    counts = rows.groupBy(name).count().where("count > 1").orderBy(name)
    doubled = counts.limit(SHOWN).collect()
    if doubled:
        listed = ", ".join(f"{row[id_column]} ({row['count']} rows)" for row in doubled)
        raise InputDataError(
            f"{source}: the id column '{id_column}' must name each row once, but these ids come "
            f"more often: {listed}. Correct them, or set data.columns.id to null."
        )
