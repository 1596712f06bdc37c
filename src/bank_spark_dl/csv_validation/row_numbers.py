"""Find the file and the row number of the first rows that meet a condition."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame

from bank_spark_dl.csv_validation.columns import BLOCK, FILE, REPLACEMENT, ROW
from bank_spark_dl.csv_validation.row_order import count_blocks, spark_number

MOST_ROWS = 5
_VALUE = f"{REPLACEMENT}value"


@dataclass(frozen=True)
class FoundRow:
    """A row of a file, counted from 1 for the first data row, and the text asked for."""

    file: str
    number: int
    value: str | None


def first_rows(rows: DataFrame, condition: Column, value: Column) -> list[FoundRow]:
    """Find the first five rows, by file and row, that meet a condition.

    Two small Spark jobs: the rows, and how many rows each block of a file has, since a large
    file's blocks are read by different tasks and Spark does not number rows.

    Args:
        rows: Text rows with the columns ``FILE`` and ``BLOCK`` (where in the file it begins).
        condition: Which rows to find.
        value: What to show of them.
    """
    with_ids = rows.select("*", spark_number())
    found = (
        with_ids.where(condition)
        .orderBy(FILE, BLOCK, ROW)
        .select(FILE, BLOCK, ROW, value.alias(_VALUE))
        .limit(MOST_ROWS)
        .collect()
    )
    shifts = _shifts(with_ids)
    return [
        FoundRow(unquote(row[FILE]), row[ROW] + shifts[row[FILE], row[BLOCK]], row[_VALUE])
        for row in found
    ]


def _shifts(with_ids: DataFrame) -> dict[tuple[str, int], int]:
    """Return for each block what to add to a row's Spark id to get its number in the file."""
    shifts: dict[tuple[str, int], int] = {}
    passed: dict[str, int] = defaultdict(int)
    for block in count_blocks(with_ids):
        shifts[block.file, block.start] = passed[block.file] + 1 - block.first
        passed[block.file] += block.rows
    return shifts
