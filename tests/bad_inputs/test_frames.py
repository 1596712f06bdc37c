"""Parquet and JSON lines in place of CSV: runs give the same rows and the same scores."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from tests.conftest import kept_frames

from bad_inputs.project import ROOT, Rows, refusal, run, train
from bad_inputs.rows import text, write
from bank_spark_dl.csv_validation import load_schema, read_checked_csv

FORMATS = ["parquet", "json"]


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("trained"))


def conf_of(file_format: str, folder: Path) -> Path:
    """Copy the configuration, and declare files of another format in it."""
    conf = folder / "conf"
    shutil.copytree(ROOT / "conf", conf)
    catalog = conf / "base/catalog.yml"
    declared = f"CheckedFrameDataset\n  file_format: {file_format}"
    csv = catalog.read_text()
    catalog.write_text(csv.replace("CheckedCSVDataset", declared).replace('    sep: ","\n', ""))
    return conf


def saved(spark: SparkSession, file_format: str, folder: Path, *without: str) -> Path:
    csv = write(folder / "bank.csv", text())
    schema = load_schema(ROOT / "conf/base/schema/bank.json")
    path = folder / f"rows.{file_format}"
    rows = read_checked_csv(spark, str(csv), schema).rows.drop(*without)
    rows.repartition(3).write.format(file_format).save(str(path))
    csv.unlink()
    return path


def rows_of(spark: SparkSession, path: Path) -> Rows:
    return sorted(map(tuple, spark.read.parquet(str(path)).collect()))


@pytest.mark.parametrize("file_format", FORMATS)
def test_train_rows_and_scores(
    file_format: str, spark: SparkSession, trained: Path, tmp_path: Path
) -> None:
    conf, before = conf_of(file_format, tmp_path), kept_frames(spark)
    path, results = saved(spark, file_format, tmp_path), tmp_path / "data"
    run(["data_processing"], conf=conf, raw_filepath=str(path), data_root=str(results))
    for name in ("train_rows", "test_rows"):
        layer = f"03_primary/{name}.parquet"
        assert rows_of(spark, results / layer) == rows_of(spark, trained / layer)
    new = saved(spark, file_format, tmp_path / "new", "deposit", "day", "month")
    csv = write(tmp_path / "bank.csv", text())
    scores = []
    for source, given in ((new, conf), (csv, ROOT / "conf")):
        to = tmp_path / f"scores_of_{source.name}"
        scoring = {"input": str(source), "output": str(to)}
        run(["scoring"], conf=given, data_root=str(trained), scoring=scoring)
        scores.append(rows_of(spark, to))
    assert scores[0] == scores[1] != []
    assert kept_frames(spark) >= before


def test_a_run_refuses_in_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    conf, results = conf_of("parquet", tmp_path), tmp_path / "data"
    path = saved(spark, "parquet", tmp_path, "age")
    said = refusal(["data_processing"], conf=conf, raw_filepath=str(path), data_root=str(results))
    file = min(part.name for part in path.glob("part-*"))
    assert said == (
        f"{path}/{file}: its columns do not fit the declared schema. Missing: 'age'. "
        "Rename, add or remove these columns in the file, or change the schema."
    )
    assert not results.exists()
