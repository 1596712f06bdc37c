"""Few rows, constant columns and odd splits, to a report or to a clear refusal."""

from pathlib import Path

from pyspark.sql import SparkSession

from bad_inputs.project import refusal, run
from bad_inputs.rows import balanced, put, text, write

PREPARATION = ["data_processing", "feature_engineering"]


def test_twenty_rows_with_constant_columns_come_to_a_report(spark: SparkSession, tmp_path: Path):
    rows = [row | {"balance": "7"} for row in balanced(20)]
    results = tmp_path / "data"
    run(
        [*PREPARATION, "modeling", "reporting"],
        raw_filepath=str(write(tmp_path / "bank.csv", text(rows))),
        data_root=str(results),
        data={"test_fraction": 0.4},
        elephas={"batch_size": 4, "epochs": 1, "validation_split": 0.2},
        reporting={"bootstrap": 100, "importance_repeats": 1},
    )
    assert "20" in (results / "08_reporting/report.html").read_text()


def test_a_batch_larger_than_the_rows_is_refused(spark: SparkSession, tmp_path: Path):
    path = write(tmp_path / "bank.csv", text(balanced(20)))
    said = refusal(
        [*PREPARATION, "modeling"],
        raw_filepath=str(path),
        data_root=str(tmp_path / "data"),
        data={"test_fraction": 0.4},
    )
    assert said == "?"


def test_a_test_part_with_one_class_is_refused(spark: SparkSession, tmp_path: Path):
    path = write(tmp_path / "bank.csv", text([*balanced(2), *balanced(20)[2::2]]))
    results = tmp_path / "data"
    said = refusal(PREPARATION, raw_filepath=str(path), data_root=str(results))
    assert said == "?"
    assert not (results / "03_primary").exists()


def test_a_test_part_without_rows_is_refused(spark: SparkSession, tmp_path: Path):
    path = write(tmp_path / "bank.csv", text(balanced(2)))
    results = tmp_path / "data"
    said = refusal(PREPARATION, raw_filepath=str(path), data_root=str(results))
    assert said == "?"
    assert not (results / "03_primary").exists()


def test_a_category_of_the_test_rows_only_is_refused(spark: SparkSession, tmp_path: Path):
    path, results = write(tmp_path / "bank.csv", text()), tmp_path / "data"
    places = {"raw_filepath": str(path), "data_root": str(results)}
    run(["data_processing"], **places)
    held_out = spark.read.parquet(str(results / "03_primary/test_rows.parquet")).head()["row_id"]
    write(path, text(put("job", "astronaut", [held_out])))
    assert refusal(PREPARATION, **places) == (
        "The test rows hold categories that the train rows do not (job: 'astronaut'). Train on "
        "rows that hold them, or set features.unseen_categories to keep."
    )
    assert not (results / "05_model_input").exists()
