import logging
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.pipelines.tuning.finished_folds import FinishedFolds, open_folds


def test_what_has_ended_is_found_again(tmp_path: Path) -> None:
    folds = FinishedFolds(tmp_path / "search")
    folds.add("one", {"log_loss": 0.1 + 0.2})
    folds.add("two", "it failed")
    again = FinishedFolds(tmp_path / "search")
    assert again.get("one") == {"log_loss": 0.1 + 0.2}
    assert again.get("two") == "it failed"
    assert again.get("three") is None


def test_a_file_that_a_kill_has_cut_does_not_count(tmp_path: Path) -> None:
    (tmp_path / ".one").write_text('{"log_lo')
    assert FinishedFolds(tmp_path).get("one") is None


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        [(n, None if n % 2 else "a", n / 3) for n in range(50)], "n int, t string, d double"
    )


def folder(data_root: Path, rows: DataFrame, *search: object) -> str:
    before = set(data_root.rglob("06_models/tuning/*"))
    open_folds(str(data_root), rows, search)
    made = set(data_root.rglob("06_models/tuning/*")) - before
    return made.pop().name if made else "known"


def test_the_same_rows_and_settings_have_the_same_folder(frame: DataFrame, tmp_path: Path) -> None:
    assert folder(tmp_path, frame, {"seed": 1}) != "known"
    assert folder(tmp_path, frame.repartition(7), {"seed": 1}) == "known"
    assert folder(tmp_path, frame, {"seed": 2}) != "known"
    assert folder(tmp_path, frame.where("n < 49"), {"seed": 1}) != "known"
    assert folder(tmp_path, frame.withColumnRenamed("t", "u"), {"seed": 1}) != "known"
    assert folder(tmp_path, frame.selectExpr("n", "t", "d + 1 d"), {"seed": 1}) != "known"


def test_results_elsewhere_are_not_kept(frame: DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "bank_spark_dl"):
        folds = open_folds("s3a://bucket/data", frame, [])
    assert "a search that is killed begins anew" in caplog.text
    folds.add("one", "failed")
    assert folds.get("one") == "failed"
