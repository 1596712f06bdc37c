"""The number of a row by file name, then place in the file."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation import read_checked_csv
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.frame_validation import read_checked_frame
from csv_validation.calls import HEADER, SCHEMA

Write = Callable[..., Path]
SPLITS = "spark.sql.files.maxPartitionBytes"


@pytest.fixture(params=["64b", "128m"])
def packed(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[str]:
    """Let a task read a part of a file, or several files."""
    before = spark.conf.get(SPLITS)
    spark.conf.set(SPLITS, request.param)
    yield request.param
    spark.conf.set(SPLITS, str(before))


def lines(first: int, number: int, end: str = "\n") -> str:
    rows = (f'{n},30,1.5,"a, b",yes' for n in range(first, first + number))
    return end.join([HEADER.strip(), *rows, ""])


def ordered(spark: SparkSession, path: Path, **options: object) -> list[int]:
    """Return the ids by their `:order`, after a check that no number is left out."""
    rows = read_checked_csv(spark, str(path), SCHEMA, order=True, **options).rows
    assert rows.columns == [*SCHEMA.names, ":order"]
    found = sorted((row[":order"], row["id"]) for row in rows.collect())
    assert [place for place, _ in found] == list(range(len(found)))
    return [number for _, number in found]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_are_numbered_by_file_and_place(
    spark: SparkSession, write: Write, packed: str, end: str
) -> None:
    # The largest file comes last: Spark gives it to a task first.
    write("t/a b.csv", lines(0, 3, end))
    write("t/b.csv.gz", gzip.compress(lines(3, 20, end).encode()))
    last = write("t/c/c.csv", lines(23, 60, end))
    assert ordered(spark, last.parents[1]) == list(range(83))


def test_files_with_other_columns_first_keep_their_place(
    spark: SparkSession, write: Write, packed: str
) -> None:
    write("t/a.csv", "id,age,rate,note,y\n1,30,,,yes\n")
    write("t/b.csv", "age,id,rate,note,y\n30,2,,,yes\n")
    path = write("t/c.csv", "id,age,rate,note,y\n3,30,,,yes\n").parent
    assert ordered(spark, path) == [1, 2, 3]


def test_a_row_with_a_line_break_is_one_row(spark: SparkSession, write: Write, packed: str) -> None:
    path = write("t.csv", HEADER + '2,30,,"a\nb",yes\n1,30,,x,yes\n3,30,,"\n\n",yes\n')
    assert ordered(spark, path) == [2, 1, 3]


def test_padded_values_do_not_change_the_order(
    spark: SparkSession, write: Write, packed: str
) -> None:
    path = write("t.csv", HEADER + "".join(f"{n}, 30,,x ,yes\n" for n in range(30, 0, -1)))
    assert ordered(spark, path) == list(range(30, 0, -1))


@pytest.mark.parametrize("file_format", ["parquet", "orc", "json"])
def test_other_formats_are_numbered_alike(
    spark: SparkSession, tmp_path: Path, packed: str, file_format: str
) -> None:
    for place, name in enumerate("ab"):
        part = spark.range(place * 50, place * 50 + 50).coalesce(1)
        part.write.format(file_format).save(str(tmp_path / "t" / name))
    schema = StructType().add("id", "long")
    rows = read_checked_frame(spark, str(tmp_path / "t"), file_format, schema, order=True).rows
    assert sorted(map(tuple, rows.collect())) == [(n, n) for n in range(100)]


def test_a_column_of_that_name_is_refused(spark: SparkSession, write: Write) -> None:
    path = write("t.csv", "id,:order\n1,2\n")
    schema = StructType().add("id", "integer").add(":order", "integer")
    with pytest.raises(ParameterError, match="Rename it, or remove `order: true`"):
        read_checked_csv(spark, str(path), schema, order=True)
    assert read_checked_csv(spark, str(path), schema).rows.first() == (1, 2)
