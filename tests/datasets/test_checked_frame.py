"""Parquet, ORC and JSON lines as the catalog uses them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType
from tests.conftest import kept_frames

from bank_spark_dl.datasets import RawSourceDataset
from bank_spark_dl.errors import InputDataError

ROWS = [(1, "a"), (2, None)]
FORMATS = ["parquet", "orc", "json"]


def dataset(path: object, file_format: str, folder: Path, **load_args: Any) -> Any:
    schema = StructType().add("id", "integer", nullable=False).add("note", "string")
    (folder / "schema.json").write_text(schema.json())
    return AbstractDataset.from_config(
        "bank_raw",
        {
            "type": "bank_spark_dl.datasets.CheckedFrameDataset",
            "filepath": str(path),
            "file_format": file_format,
            "load_args": {"schema": {"filepath": str(folder / "schema.json")}, **load_args},
        },
    )


def saved(spark: SparkSession, path: Path, file_format: str) -> Path:
    rows = spark.createDataFrame(ROWS, "id int, note string").coalesce(1)
    rows.write.format(file_format).save(str(path))
    return path


@pytest.mark.parametrize("file_format", FORMATS)
def test_loads_once_and_keeps_the_rows_until_release(
    file_format: str, spark: SparkSession, tmp_path: Path
) -> None:
    raw, before = dataset(tmp_path / "rows", file_format, tmp_path), kept_frames(spark)
    assert not raw.exists()
    saved(spark, tmp_path / "rows", file_format)
    assert raw.exists()
    rows = raw.load()
    shutil.rmtree(tmp_path / "rows")
    assert sorted(map(tuple, rows.collect())) == ROWS
    assert len(kept_frames(spark) - before) == 1
    raw.release()
    assert kept_frames(spark) == before


@pytest.mark.parametrize("file_format", FORMATS)
def test_previews_the_first_rows(file_format: str, spark: SparkSession, tmp_path: Path) -> None:
    folder = saved(spark, tmp_path / "rows", file_format)
    for path in (folder, f"{folder}/part*"):
        assert dataset(path, file_format, tmp_path).preview(nrows=1) == {
            "index": [0],
            "columns": ["id", "note"],
            "data": [[1, "a"]],
        }


def test_an_input_error_is_the_cause(spark: SparkSession, tmp_path: Path) -> None:
    path = saved(spark, tmp_path / "rows", "parquet")
    with pytest.raises(DatasetError) as caught:
        dataset(path, "orc", tmp_path).load()
    assert isinstance(caught.value.__cause__, InputDataError)
    assert "is no ORC file, or it is cut off or damaged" in str(caught.value.__cause__)


def test_rows_to_score_may_lack_columns(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "rows"
    spark.range(2).selectExpr("int(id) AS id").write.parquet(str(path))
    raw = dataset(path, "parquet", tmp_path, ignored=[])
    assert raw.reads_rows_to_score
    raw.may_lack(["note"])
    assert raw.load().columns == ["id"]
    raw.release()


def test_the_hash_of_a_folder_names_its_content(spark: SparkSession, tmp_path: Path) -> None:
    path = str(saved(spark, tmp_path / "rows", "parquet"))
    (file,) = Path(path).glob("part-*")
    of_folder, of_file = (
        RawSourceDataset(filepath=each, given=each).load() for each in (path, str(file))
    )
    assert of_folder.sha256 == of_file.sha256
    assert of_folder.source == path


@pytest.mark.parametrize(
    ("file_format", "load_args", "message"),
    [
        ("csv", {}, "needs `file_format`, one of parquet, orc and json"),
        ("parquet", {"schema": None}, "and `schema: {filepath: ...}` in load_args"),
        (
            "json",
            {"multiLine": True},
            "takes schema, ignored, optional and order in load_args, not multi",
        ),
    ],
)
def test_what_the_catalog_must_say(
    file_format: str, load_args: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError) as refused:
        dataset(tmp_path / "rows", file_format, tmp_path, **load_args)
    assert message in str(refused.value)


def test_refuses_to_save(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="CheckedFrameDataset is read-only"):
        dataset(tmp_path / "rows", "orc", tmp_path).save(spark.range(1))
