"""Columns of any name, the reader's own included, and columns that differ by case only."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation import CSVStream, load_schema, read_checked_csv
from bank_spark_dl.csv_validation.columns import BLOCK, FILE, MALFORMED, PLAIN, padded
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.errors import InputDataError

# fmt: off
ODD = [
    "Age", "age", "a.b", "a`b", "*", "${x}", "{x}", "'q'", '"d"', "größe", "a=b", "a;b", "(x)",
    "[/x]", "%", "\\", "`", "a.*", "__file", "__block", "__row", "__value", "__malformed_row",
    "__plain_row", "__padded_Age", "__source", "_metadata", "count", "value", "run", "n", "first",
    "c0", "c1", "ignored0", "features", "label_index", "row_id", "prediction", "raw_features",
    " blank ", "comma, here", "${spark.app.name}", "tab\there", "", "x" * 200,
]
# fmt: on
OURS = [
    "Age",
    "age",
    "a.b",
    "a`b",
    "*",
    "${x}",
    "__file",
    "___file",
    "__malformed_row",
    "_metadata",
]


def csv_line(values: list[str]) -> str:
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def declared(kind: str, names: list[str] = ODD) -> StructType:
    fields = [
        {"name": name, "type": kind, "nullable": False, "metadata": {}} for name in ("id", *names)
    ]
    return StructType.fromJson({"type": "struct", "fields": fields})


def content(*rows: list[str]) -> str:
    return "".join(csv_line(row) for row in (["id", *ODD], *rows))


NUMBERS = [[str(number) for number in range(first, first + len(ODD) + 1)] for first in (1, 100)]


@pytest.mark.parametrize("kind", ["integer", "string"])
def test_each_column_holds_its_own_values(kind: str, spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(declared(kind).json())
    (tmp_path / "a.csv").write_text(content(*NUMBERS), encoding="utf-8")
    rows = read_checked_csv(
        spark, str(tmp_path / "a.csv"), load_schema(tmp_path / "schema.json")
    ).rows
    assert rows.columns == ["id", *ODD]
    assert sorted(tuple(map(str, row)) for row in rows.collect()) == sorted(map(tuple, NUMBERS))


@pytest.mark.parametrize("name", [MALFORMED, FILE, BLOCK, PLAIN, padded("id")])
def test_no_file_has_a_column_of_the_readers_own(
    name: str, spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(csv_line(["id", name]) + "1,2\n", encoding="utf-8")
    with pytest.raises(InputDataError, match="its header line cannot be decoded"):
        read_checked_csv(spark, str(tmp_path / "a.csv"), declared("integer", [name]))


@pytest.mark.parametrize("name", ["a`b", "${x}", "__malformed_row"])
def test_a_refusal_names_the_column(name: str, spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv_line(["id", name]) + "1, 2\n3,old\n", encoding="utf-8")
    with pytest.raises(InputDataError) as refused:
        read_checked_csv(spark, str(tmp_path / "a.csv"), declared("integer", [name]))
    assert str(refused.value) == (
        f"{tmp_path}/a.csv: column '{name}' must hold whole numbers (int), but 1 of 2 rows has "
        "something else: row 2 has 'old'. Correct these values, or change the column in the schema."
    )


def test_repairs_are_told_by_name(spark: SparkSession, tmp_path: Path) -> None:
    padded = [f" {number}" for number in range(len(OURS) + 1)]
    lines = "".join(map(csv_line, [["id", *OURS], padded]))
    (tmp_path / "a.csv").write_text(lines, encoding="utf-8")
    read = read_checked_csv(spark, str(tmp_path / "a.csv"), declared("string", OURS))
    assert read.repaired == dict.fromkeys(["id", *OURS], 1)
    assert read.rows.collect() == [tuple(value.strip() for value in padded)]


def test_columns_of_a_stream(spark: SparkSession, tmp_path: Path) -> None:
    folder = tmp_path / "arriving"
    folder.mkdir()
    rows = [[str(number) for number in range(len(OURS) + 1)]]
    lines = "".join(map(csv_line, [["id", *OURS], *rows]))
    (folder / "a.csv").write_text(lines, encoding="utf-8")
    found: list[tuple[object, ...]] = []
    arriving = CSVStream(spark, str(folder), declared("string", OURS), (), CSVOptions.parse({}))
    query = (
        arriving.read("id", 10)
        .writeStream.foreachBatch(lambda rows, _: found.extend(map(tuple, rows.collect())))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    assert sorted(found) == sorted((*row, str(folder / "a.csv")) for row in rows)


def test_a_separator_is_named_where_one_column_is_declared(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id;y\n1;2\n", encoding="utf-8")
    with pytest.raises(InputDataError, match="holds ';': the separator is not ','"):
        read_checked_csv(spark, str(tmp_path / "a.csv"), declared("integer", []))
