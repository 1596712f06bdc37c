"""Where the files lie and how they are named."""

import bz2
import gzip
import lzma
import os

import pytest

from bank_spark_dl.csv_validation.files import find_files
from bank_spark_dl.errors import InputDataError
from csv_validation.calls import HEADER, PLAIN, ROWS


@pytest.mark.parametrize("name", ["calls (1).csv", "calls[1].csv", "100% *.csv", "a+b é.csv"])
def test_reads_and_names_files_with_odd_names(name, write, read, refusal):
    path = write(name, PLAIN)
    assert read(path) == ROWS
    write(path, HEADER + "1,x,,,no\n")
    assert refusal(path).startswith(f"{path}: column 'age' must hold")
    assert ": row 1 has 'x'. " in refusal(path)


def test_reads_gzip_and_names_its_rows(write, read, refusal):
    path = write("calls.csv.gz", gzip.compress(PLAIN.encode()))
    assert read(path) == ROWS
    write(path, gzip.compress((HEADER + "1,2,,,no\n2,x,,,no\n").encode()))
    assert ": row 2 has 'x'. " in refusal(path)


def test_reads_a_folder_whose_files_order_their_columns_differently(tmp_path, write, read):
    write("part-0.csv", PLAIN.removesuffix("2,40,,,no\n"))
    write("more/part-1.csv", "y,note,rate,age,id\nno,,,40,2\n")
    for ignored in ("_SUCCESS", ".part-0.csv.crc", "_temporary/part-0.csv", "more/.x/a.csv"):
        write(ignored, "rubbish")
    write("part-empty.csv", "")
    assert read(tmp_path) == ROWS


def test_reads_a_pattern(tmp_path, write, read):
    write("a-1.csv", PLAIN)
    write("b-1.csv", "rubbish")
    assert read(tmp_path / "a-*.csv") == ROWS


def test_names_the_file_of_a_folder(tmp_path, write, refusal):
    write("part-0.csv", PLAIN)
    write("part-1.csv", "y,note,rate,age,id\nno,,,40,2\nno,,,x,2\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}: column 'age' must hold whole numbers (int) of at least 0, but 1 of 4 rows "
        f"has something else: row 2 of part-1.csv has 'x'. "
        "Correct these values, or change the column in the schema."
    )


def test_refuses_a_folder_of_different_headers(tmp_path, write, refusal):
    write("part-0.csv", PLAIN)
    path = write("part-1.csv", "id,age\n1,2\n")
    assert refusal(tmp_path) == (
        f"{path}: the header does not fit the declared schema. Missing: 'rate', 'note', 'y'. "
        "Rename, add or remove these columns in the file, or change the schema."
    )


def test_refuses_a_missing_path_and_an_empty_folder(tmp_path, refusal):
    assert refusal(tmp_path / "no") == f"{tmp_path}/no does not exist. Correct the path."
    assert refusal(tmp_path) == f"{tmp_path} holds no file. Put the data files there."


def test_refuses_a_web_address(spark):
    with pytest.raises(InputDataError, match="is a web address, and Spark reads files"):
        find_files(spark, "https://a.invalid/b.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_refuses_what_may_not_be_read(write, refusal):
    path = write("calls.csv", PLAIN)
    path.chmod(0)
    assert refusal(path) == (
        f"{path} may not be read: permission denied. "
        "Give the user who runs this the right to read it."
    )


@pytest.mark.parametrize("ending", ["gz", "bz2", "snappy", "lz4", "zst", "deflate"])
def test_refuses_a_name_that_says_packed_of_what_is_not(ending, write, refusal):
    path = write(f"calls.csv.{ending}", PLAIN)
    assert refusal(path) == (
        f"{path}: its name says that it is compressed, and its content is plain text. "
        f"Rename it to calls.csv, without .{ending}."
    )


def test_refuses_a_damaged_archive(write, refusal):
    path = write("calls.csv.gz", lzma.compress(PLAIN.encode()))
    assert refusal(path) == (
        f"{path} cannot be read: not a gzip file. Check the path and the file."
    )


def test_reads_bzip2(write, read):
    assert read(write("calls.csv.bz2", bz2.compress(PLAIN.encode()))) == ROWS


def test_numbers_rows_across_the_blocks_of_a_file(spark, tmp_path, write, refusal):
    lines = [f"{i},{'x' if i in (7, 900) else 30},,,no\n" for i in range(1, 1001)]
    write("a.csv", HEADER + "".join(lines))
    write("b.csv", HEADER + "".join(lines[:899]))
    size = "spark.sql.files.maxPartitionBytes"
    before = spark.conf.get(size)
    spark.conf.set(size, "1000")
    try:
        message = refusal(tmp_path)
    finally:
        spark.conf.set(size, before)
    rows = "row 7 of a.csv has 'x', row 900 of a.csv has 'x', row 7 of b.csv has 'x'. "
    assert "3 of 1899 rows" in message
    assert rows in message
