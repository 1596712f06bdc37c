"""Columns that files to score may lack."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bank_spark_dl.csv_validation import CSVStream, read_checked_csv
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.errors import InputDataError
from csv_validation.calls import HEADER, PLAIN, SCHEMA

Write = Callable[..., Path]
LESS = "id,rate,note\n1,1.5,a\n2,,\n"


def columns(spark: SparkSession, path: Path) -> list[str]:
    read = read_checked_csv(spark, str(path), SCHEMA, ignored=["y"], optional=["age", "note"])
    assert read.rows.count() == 2
    return read.rows.columns


def test_they_are_read_where_all_files_have_them(
    spark: SparkSession, write: Write, tmp_path: Path
) -> None:
    assert columns(spark, write("a.csv", PLAIN)) == ["id", "age", "rate", "note"]
    assert columns(spark, write("b.csv", LESS)) == ["id", "rate", "note"]
    write("new/a.csv", HEADER + "1,2,,,no\n")
    write("new/b.csv", "rate,id\n1.5,2\n")
    assert columns(spark, tmp_path / "new") == ["id", "rate"]


def test_they_are_checked_where_they_are(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", PLAIN.replace("40", "old"))
    with pytest.raises(InputDataError, match="column 'age' must hold whole numbers"):
        columns(spark, path)


def test_the_refusal_of_a_header_says_how_to_do_without(spark: SparkSession, write: Write) -> None:
    path = write("a.csv", "id,Note,zip\n1,a,2\n")
    with pytest.raises(InputDataError) as refused:
        columns(spark, path)
    assert str(refused.value) == (
        f"{path}: the header does not fit the declared schema. Missing: 'rate'. Not declared: "
        "'Note' (did you mean 'note'?), 'zip'. Rename, add or remove these columns in the file, "
        "or change the schema. What scoring does not need can be listed under ignored in load_args."
    )


def test_a_stream_whose_files_lack_them(spark: SparkSession, tmp_path: Path) -> None:
    folder, found = tmp_path / "arriving", []
    folder.mkdir()

    def read() -> None:
        options = CSVOptions.parse({})
        arriving = CSVStream(spark, str(folder), SCHEMA, ["y"], options, ["age", "note"])
        rows = arriving.read("id", 10)
        query = (
            rows.writeStream.foreachBatch(lambda rows, _: found.extend(rows.collect()))
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(processingTime="1 second")
            .start()
        )
        (folder / "a.csv").write_text(LESS)
        try:
            query.processAllAvailable()
        except Exception as error:
            raise arriving.why(error) or error from error
        finally:
            query.stop()

    with pytest.raises(InputDataError) as refused:  # the folder was empty when it began
        read()
    assert str(refused.value) == (
        f"{folder}/a.csv: its columns are id, rate, note, but those of the stream are id, age, "
        "rate, note: all its files need the same ones in the same order. Run again: the stream "
        "then takes the columns of its first file."
    )
    read()
    assert sorted(map(tuple, found)) == [
        (1, 1.5, "a", f"{folder}/a.csv"),
        (2, None, None, f"{folder}/a.csv"),
    ]
