"""Where in the files the first rows are that a condition holds for."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

MOST_ROWS = 5
FILE, BLOCK = "__file", "__block"
_ROW, _VALUE = "__row", "__value"


@dataclass(frozen=True)
class FoundRow:
    """A row of a file, counted from 1 for the first data row, and the text asked for."""

    file: str
    number: int
    value: str | None


def first_rows(raw: DataFrame, condition: Column, value: Column) -> list[FoundRow]:
    """Find the first five rows, by file and row, that meet a condition.

    Two small Spark jobs: the rows, and how many rows each block of a file has, since a large
    file's blocks are read by different tasks and Spark does not number rows.

    Args:
        raw: Text rows with the columns ``FILE`` and ``BLOCK`` (where in the file it begins).
        condition: Which rows to find.
        value: What to show of them.
    """
    numbered = raw.withColumn(_ROW, sf.monotonically_increasing_id())
    found = (
        numbered.where(condition)
        .orderBy(FILE, BLOCK, _ROW)
        .select(FILE, BLOCK, _ROW, value.alias(_VALUE))
        .limit(MOST_ROWS)
        .collect()
    )
    before = _rows_before(numbered)
    return [
        FoundRow(unquote(row[FILE]), row[_ROW] + before[row[FILE], row[BLOCK]], row[_VALUE])
        for row in found
    ]


def _rows_before(numbered: DataFrame) -> dict[tuple[str, int], int]:
    """Return for each block what to add to a row's Spark id to get its number in the file."""
    blocks = numbered.groupBy(FILE, BLOCK).agg(
        sf.count("*").alias("n"), sf.min(_ROW).alias("first")
    )
    shifts: dict[tuple[str, int], int] = {}
    passed: dict[str, int] = defaultdict(int)
    for file, block, rows, first in sorted(tuple(row) for row in blocks.collect()):
        shifts[file, block] = passed[file] + 1 - first
        passed[file] += rows
    return shifts
