"""Number rows by the name of their file, then their place in it, however tasks read them."""

from typing import NamedTuple
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation.columns import BLOCK, FILE, ORDER, REPLACEMENT, ROW
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import quoted

_SHIFT = f"{REPLACEMENT}shift"


class Block(NamedTuple):
    """The part of a file that one task reads.

    Attributes:
        file: Path of the file, as Spark writes it.
        start: Where in the file it begins.
        rows: How many rows it has.
        first: Spark's number of its first row; the others follow without a gap.
    """

    file: str
    start: int
    rows: int
    first: int


def place_columns(schema: StructType) -> list[Column]:
    """Return what the order of rows needs besides the declared columns: file, block and number.

    Raises:
        ParameterError: A declared column is called ORDER.
    """
    if ORDER in schema.names:
        raise ParameterError(
            f"load_args: `order: true` adds a column '{ORDER}', and the schema declares one of "
            "that name. Rename it, or remove `order: true`."
        )
    return [sf.col(FILE), sf.col(BLOCK), spark_number()]


def spark_number() -> Column:
    """Return Spark's own numbers of rows as ROW; other tasks, other numbers."""
    return sf.monotonically_increasing_id().alias(ROW)


def count_blocks(rows: DataFrame) -> list[Block]:
    """Count the rows of each block, in one small Spark job.

    Args:
        rows: Rows with the columns FILE, BLOCK and ROW.

    Returns:
        The blocks, by file and place in it.
    """
    figures = sf.count(sf.lit(1)), sf.min(ROW)
    found = [Block(*row) for row in rows.groupBy(FILE, BLOCK).agg(*figures).collect()]
    return sorted(found, key=lambda block: (unquote(block.file), block.start))


def declared_columns(rows: DataFrame, schema: StructType, order: bool) -> DataFrame:
    """Return the declared columns and, if it is wanted, ORDER.

    Args:
        rows: Persisted rows; for ORDER with place_columns, which must not change when the rows are
            used again.
        schema: The declared columns.
        order: Whether to add ORDER: 0 for the first row of the first file, and so on.
    """
    names = [*map(quoted, schema.names)]
    if not order:
        return rows.select(*names)
    placed = rows.select(*names, FILE, BLOCK, ROW).join(_shifts(rows), [FILE, BLOCK])
    return placed.select(*names, (sf.col(ROW) + sf.col(_SHIFT)).alias(ORDER))


def _shifts(rows: DataFrame) -> DataFrame:
    """Return for each block what to add to Spark's number of a row to get its ORDER."""
    passed, shifts = 0, []
    for block in count_blocks(rows):
        shifts.append((block.file, block.start, passed - block.first))
        passed += block.rows
    schema = StructType().add(FILE, "string").add(BLOCK, "long").add(_SHIFT, "long")
    return sf.broadcast(rows.sparkSession.createDataFrame(shifts, schema))
