"""A dataset is what it was or what it should be, wherever a save is interrupted."""

from pathlib import Path
from typing import Any

import pytest
from kedro.io import AbstractDataset, DatasetError
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.datasets import SparkFrameDataset, SparkModelDataset, atomic_folders


class Killed(BaseException):
    """What ends a process in the middle of a save."""


def frame_of(spark: SparkSession, number: int) -> Any:
    return spark.range(number).coalesce(1)


def model_of(_: SparkSession, number: int) -> Any:
    return PipelineModel([SQLTransformer(statement=f"SELECT {number} FROM __THIS__")])


def number_in(content: Any) -> int:
    if isinstance(content, PipelineModel):
        return int(content.stages[0].getStatement().split()[1])
    return int(content.count())


SPARK_DATASETS = [
    pytest.param(SparkFrameDataset, frame_of, id="frame"),
    pytest.param(SparkModelDataset, model_of, id="model"),
]


@pytest.mark.parametrize(("kind", "make"), SPARK_DATASETS)
@pytest.mark.parametrize("renames", [0, 1])
def test_a_save_killed_at_its_renames_is_undone_or_finished(
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[AbstractDataset[Any, Any]],
    make: Any,
    renames: int,
) -> None:
    def dataset() -> Any:
        return kind(filepath=str(tmp_path / "x"))

    dataset().save(make(spark, 3))
    rename, done = atomic_folders.rename, []

    def killed(*arguments: Any) -> None:
        if len(done) == renames:
            raise Killed
        done.append(arguments)
        rename(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(atomic_folders, "rename", killed)
        with pytest.raises(Killed):
            dataset().save(make(spark, 5))
    assert dataset().exists()
    assert number_in(dataset().load()) == (5 if renames else 3)
    dataset().save(make(spark, 7))
    assert number_in(dataset().load()) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_the_old_comes_back_where_the_new_was_removed(spark: SparkSession, tmp_path: Path) -> None:
    dataset = SparkFrameDataset(filepath=str(tmp_path / "x"))
    dataset.save(spark.range(3))
    (tmp_path / "x").rename(tmp_path / ".x.old")
    assert dataset.load().count() == 3


@pytest.mark.parametrize(("kind", "make"), SPARK_DATASETS)
def test_what_a_killed_first_save_leaves_is_no_dataset(
    spark: SparkSession, tmp_path: Path, kind: Any, make: Any
) -> None:
    (tmp_path / ".x.new").mkdir()
    dataset = kind(filepath=str(tmp_path / "x"))
    assert not dataset.exists()
    dataset.save(make(spark, 2))
    assert number_in(kind(filepath=str(tmp_path / "x")).load()) == 2


def test_a_frame_that_fails_leaves_the_old_one_and_nothing_else(
    spark: SparkSession, tmp_path: Path
) -> None:
    dataset = SparkFrameDataset(filepath=str(tmp_path / "x"))
    dataset.save(spark.range(3))
    broken = spark.range(9).select(sf.raise_error(sf.lit("broken")))
    with pytest.raises(DatasetError, match="broken"):
        dataset.save(broken)
    assert dataset.load().count() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_frame_replaces_nothing_but_frames(
    spark: SparkSession, tmp_path: Path, there: str
) -> None:
    target = tmp_path / "scores.parquet"
    kept = target if there == "file" else target / "thesis.txt"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("mine")
    with pytest.raises(DatasetError) as refused:
        SparkFrameDataset(filepath=str(target), file_format="parquet").save(spark.range(3))
    assert str(refused.value.__cause__).startswith(f"{target} holds something that no run has")
    assert kept.read_text() == "mine"


def test_a_frame_replaces_an_empty_folder_and_a_frame(spark: SparkSession, tmp_path: Path) -> None:
    target = tmp_path / "scores.parquet"
    target.mkdir()
    for rows in (2, 3):
        dataset = SparkFrameDataset(filepath=str(target), file_format="parquet")
        dataset.save(spark.range(rows))
        assert dataset.load().count() == rows
