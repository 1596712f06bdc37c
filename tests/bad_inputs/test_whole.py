"""Few rows, constant columns and odd splits, to a report or to a clear refusal."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bad_inputs.project import refusal, run
from bad_inputs.rows import balanced, fill, put, text, write

PREPARATION = ["data_processing", "feature_engineering"]


KEEP = {"unseen_categories": "keep"}


def test_a_constant_category_is_refused(spark: SparkSession, tmp_path: Path):
    path, results = write(tmp_path / "bank.csv", text(fill("job", "cook"))), tmp_path / "data"
    assert refusal(PREPARATION, raw_filepath=str(path), data_root=str(results)) == (
        "The train rows hold a single value in job ('cook'), which teaches nothing: take it out of "
        "data.columns.categorical or add it to data.columns.drop, or set "
        "features.unseen_categories to keep."
    )
    assert not (results / "04_feature/feature_model.model").exists()


def test_twenty_rows_with_constant_columns_come_to_a_report(spark: SparkSession, tmp_path: Path):
    rows = [row | {"balance": "7"} for row in balanced(20)]
    results = tmp_path / "data"
    run(
        [*PREPARATION, "modeling", "reporting"],
        raw_filepath=str(write(tmp_path / "bank.csv", text(rows))),
        data_root=str(results),
        data={"test_fraction": 0.4},
        features=KEEP,
        elephas={"batch_size": 4, "epochs": 1, "validation_split": 0.2},
        reporting={"decision": {"bootstrap": 100}, "importance_repeats": 1},
    )
    assert "20" in (results / "08_reporting/report.html").read_text()


def test_a_batch_larger_than_the_rows_is_refused(spark: SparkSession, tmp_path: Path):
    path = write(tmp_path / "bank.csv", text(balanced(20)))
    said = refusal(
        [*PREPARATION, "modeling"],
        raw_filepath=str(path),
        data_root=str(tmp_path / "data"),
        data={"test_fraction": 0.4},
        features=KEEP,
    )
    assert said == (
        "With num_workers=1 a worker gets 9 of 9 training rows, fewer than one batch of 256: use "
        "batch_size=9 or less."
    )


@pytest.mark.parametrize(
    ("rows", "fraction", "counted"),
    [
        pytest.param(
            [*balanced(2), *balanced(20)[2::2]],
            0.2,
            "The 11 rows cannot be split: with data.test_fraction=0.2 and seed=1234 there are 7 "
            "'no' and 1 'yes' to train on, 3 'no' and 0 'yes' to test on",
            id="one-class",
        ),
        pytest.param(
            balanced(4),
            0.001,
            "The 4 rows cannot be split: with data.test_fraction=0.001 and seed=1234 there are 2 "
            "'no' and 2 'yes' to train on, 0 'no' and 0 'yes' to test on",
            id="no-rows",
        ),
    ],
)
def test_a_test_part_without_a_class_is_refused(
    spark: SparkSession, tmp_path: Path, rows: list, fraction: float, counted: str
):
    path, results = write(tmp_path / "bank.csv", text(rows)), tmp_path / "data"
    said = refusal(
        PREPARATION,
        raw_filepath=str(path),
        data_root=str(results),
        data={"test_fraction": fraction},
    )
    assert said == (
        f"{counted}, and each part needs rows of both classes of 'deposit'. Give more rows, or "
        "change data.test_fraction or seed."
    )
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
