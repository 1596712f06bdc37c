"""Few rows, constant columns and odd splits, up to the split or to a clear refusal."""

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
        "Columns with only one value in the train rows carry no information: job ('cook'). Add "
        "them to data.columns.drop, take them out of data.columns.categorical, or set "
        "features.unseen_categories to keep."
    )
    assert not (results / "04_feature/feature_model.model").exists()


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
        "With num_workers=1 a worker gets 10 of 10 training rows, fewer than one batch of 256: use "
        "batch_size=10 or less."
    )


def test_a_class_with_one_row_is_named(spark: SparkSession, tmp_path: Path):
    rows = [*balanced(2), *balanced(20)[2::2]]
    path, results = write(tmp_path / "bank.csv", text(rows)), tmp_path / "data"
    assert refusal(PREPARATION, raw_filepath=str(path), data_root=str(results)) == (
        "The label 'deposit' is 'yes' in one row only, and a split needs two rows of each class, "
        "one to train on and one to test on. Give more rows of it, or correct the label."
    )
    assert not (results / "03_primary").exists()


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_each_part_has_a_row_of_each_class(spark: SparkSession, tmp_path: Path, fraction: float):
    path, results = write(tmp_path / "bank.csv", text(balanced(6))), tmp_path / "data"
    run(
        ["data_processing"],
        raw_filepath=str(path),
        data_root=str(results),
        data={"test_fraction": fraction},
    )
    sizes = [
        spark.read.parquet(str(results / f"03_primary/{part}_rows.parquet")).groupBy("deposit")
        for part in ("train", "test")
    ]
    counts = [{row["deposit"]: row["count"] for row in part.count().collect()} for part in sizes]
    few, many = {"no": 1, "yes": 1}, {"no": 2, "yes": 2}
    assert counts == ([many, few] if fraction < 0.5 else [few, many])


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
