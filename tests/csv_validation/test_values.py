"""Words for missing values, the decimal comma, and types other than numbers and text."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import DataType, StructType

from bank_spark_dl.csv_validation import CSVStream, read_checked_csv
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.errors import InputDataError, ParameterError
from csv_validation.calls import HEADER

Write = Callable[..., Path]
GERMAN = {"sep": ";", "decimal": ","}


def test_words_for_missing_values(write: Write, read: Callable[..., Any]) -> None:
    path = write("a.csv", HEADER + "1,30,NA,?,yes\n2,31,1.5,na,no\n3,32, ? , NA,no\n")
    rows = [(1, 30, None, None, "yes"), (2, 31, 1.5, "na", "no"), (3, 32, None, None, "no")]
    assert read(path, missing_values=["?", " NA "]) == rows


def test_they_cost_no_second_pass(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "a,b\nNA,NA\n1,x\n")
    schema = StructType().add("a", "integer").add("b", "string")
    read = read_checked_csv(spark, str(path), schema, missing_values=["NA"])
    path.unlink()  # only a closer look leaves rows to be read again
    assert read.rows.collect() == [(None, None), (1, "x")]


def test_a_missing_value_is_refused_where_one_must_stand(
    write: Write, refusal: Callable[..., str]
) -> None:
    path = write("a.csv", HEADER + "1,30,1.5,a,yes\n2,NA,1.5,a,no\n")
    assert refusal(path, missing_values=["NA"]) == (
        f"{path}: column 'age' must hold whole numbers (int) of at least 0, but 1 of 2 rows has "
        "something else: row 2 has 'NA'. "
        "Fill these fields, or declare the column nullable in the schema."
    )


def test_other_words_are_still_refused(write: Write, refusal: Callable[..., str]) -> None:
    path = write("a.csv", HEADER + "1,30,n.a.,a,yes\n")
    assert "row 1 has 'n.a.'" in refusal(path, missing_values=["NA"])


def test_decimal_commas(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "a;b;c\n1,5;-0,25;1,5\n2;3,1e2;2.5\n;;\n")
    schema = StructType().add("a", "double").add("b", "decimal(6,2)").add("c", "string")
    rows = read_checked_csv(spark, str(path), schema, **GERMAN).rows.collect()
    assert rows == [
        (1.5, Decimal("-0.25"), "1,5"),
        (2.0, Decimal(310), "2.5"),
        (None, None, None),
    ]


@pytest.mark.parametrize("number", ["1.234,5", "1.5", "1.234"])
def test_separators_of_thousands_beside_decimal_commas(
    number: str, spark: SparkSession, write: Write
) -> None:
    path = write("a.csv", f"a\n1,5\n{number}\n")
    with pytest.raises(InputDataError) as refused:
        read_checked_csv(spark, str(path), StructType().add("a", "double"), **GERMAN)
    assert str(refused.value) == (
        f"{path}: column 'a' must hold finite numbers (double), but 1 of 2 rows has something "
        f"else: row 2 has '{number}'. Write decimals with a comma, as decimal in load_args says, "
        "and thousands without a separator."
    )


VALUES: dict[str, tuple[str, Any, str]] = {
    "boolean": ("Yes 1 t TRUE", True, "on 2 1.0 ja"),
    "date": ("2024-02-29 2024-2-29", date(2024, 2, 29), "2023-02-29 29.02.2024 today 20240229"),
    "timestamp": (
        "2024-02-29T10:30 2024-02-29T10:30:00Z",
        datetime(2024, 2, 29, 10, 30),
        "10:30 now 2024-02-29T25:00 1709200000",
    ),
    "decimal(5,2)": ("1.5 1.500 +15e-1", Decimal("1.50"), "1.505 1234.5 NaN one"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_each_type(kind: str, spark: SparkSession, write: Write) -> None:
    good, value, bad = VALUES[kind]
    schema = StructType().add("id", "integer").add("a", kind)
    lines = [f"{number},{text}" for number, text in enumerate([*good.split(), "NA", ""])]
    path = write("good.csv", "\n".join(["id,a", *lines]))
    rows = read_checked_csv(spark, str(path), schema, missing_values=["NA"]).rows
    assert [row.a for row in rows.collect()] == [value] * len(good.split()) + [None, None]
    texts = bad.split()
    path = write("bad.csv", "\n".join(["id,a", *(f"1,{text}" for text in texts)]))
    with pytest.raises(InputDataError) as refused:
        read_checked_csv(spark, str(path), schema)
    listed = ", ".join(f"row {number} has '{text}'" for number, text in enumerate(texts, 1))
    assert f"{len(texts)} of {len(texts)} rows have something else: {listed}." in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("boolean", "true or false (boolean)"),
        ("date", "dates as 2024-12-31 (date)"),
        ("timestamp", "times as 2024-12-31 23:59:00 (timestamp)"),
        ("decimal(5,2)", "finite numbers (decimal(5,2))"),
    ],
)
def test_what_a_type_must_hold(kind: str, expected: str, spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "a\nx\n")
    with pytest.raises(InputDataError) as refused:
        read_checked_csv(spark, str(path), StructType().add("a", DataType.fromDDL(kind)))
    assert f"column 'a' must hold {expected}, but 1 of 1 rows" in str(refused.value)


def test_values_of_a_stream(spark: SparkSession, tmp_path: Path) -> None:
    folder, found = tmp_path / "arriving", []
    folder.mkdir()
    (folder / "a.csv").write_text("id; b \n1;1,5\n2;NA\n")
    form = CSVOptions.parse({**GERMAN, "missing_values": ["NA"]})
    schema = StructType().add("id", "integer").add("b", "double")
    query = (
        CSVStream(spark, str(folder), schema, (), form)
        .read("id", 10)
        .writeStream.foreachBatch(lambda rows, _: found.extend(rows.select("id", "b").collect()))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    assert sorted(found) == [(1, 1.5), (2, None)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing_values": "NA"}, 'missing_values must be a list of texts such as ["?", "NA"]'),
        ({"missing_values": ["NA", -1]}, "missing_values must hold texts, not -1. Write it in"),
        ({"missing_values": [" "]}, "missing_values holds an empty text. Remove it"),
        ({"decimal": ";"}, "decimal must be '.' or ',', not ';'"),
        ({"decimal": 1}, "decimal must be '.' or ',', not 1"),
        ({"decimal": ","}, "decimal and sep are both ','. Set them as they are in the file"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as refused:
        CSVOptions.parse(options)
    assert message in str(refused.value)
