"""Blanks around names in a header, and after separators."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation import read_checked_csv
from bank_spark_dl.errors import InputDataError

Write = Callable[..., Path]
INCOMES = StructType().add("age", "integer").add("income ", "string")


@pytest.mark.parametrize("header", ["age,income", "age, income", " age ,income\t", "age,income "])
def test_a_name_is_found_with_other_blanks(header: str, spark: SparkSession, write: Write) -> None:
    rows = read_checked_csv(spark, str(write("a.csv", f"{header}\n1,x\n")), INCOMES).rows
    assert (rows.columns, rows.collect()) == (["age", "income "], [(1, "x")])


def test_an_ignored_name_is_found_too(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "age, income\n1,x\n")
    read = read_checked_csv(spark, str(path), INCOMES, ignored=["income "])
    assert read.rows.collect() == [(1,)]


def test_names_that_differ_by_blanks_only(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "age, age,income\n1,2,x\n")
    with pytest.raises(InputDataError, match=r"More than once: 'age'\."):
        read_checked_csv(spark, str(path), INCOMES)


BLANKS = {"ignoreLeadingWhiteSpace": True, "ignoreTrailingWhiteSpace": True, "sep": ";"}


def test_blanks_after_separators_cost_no_second_pass(spark: SparkSession, write: Write) -> None:
    lines = 'age; "income" \n1 ; " a; b"\n2; \n 3; c \n'
    path = write("a.csv", lines)
    schema = StructType().add("age", "integer").add("income", "string")
    read = read_checked_csv(spark, str(path), schema.add("id", "integer"), ["id"], **BLANKS)
    assert read.rows.collect() == [(1, "a; b"), (2, None), (3, "c")]
    assert read.repaired == {"income": 1}  # blanks inside quotes are the value's own
    write("a.csv", lines.replace('" a', '"a'))
    read = read_checked_csv(spark, str(path), schema, ["id"], **BLANKS)
    path.unlink()  # only a closer look leaves rows to be read again
    assert read.rows.collect() == [(1, "a; b"), (2, None), (3, "c")]
    assert read.repaired == {}
