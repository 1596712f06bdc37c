"""What executors keep is forgotten, and never given for other rows."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from tests.conftest import kept_frames

from bank_spark_dl.datasets import SparkFrameDataset
from bank_spark_dl.spark.caching import persist, persisted, unpersist


def test_rows_are_kept_while_the_block_runs(spark: SparkSession) -> None:
    before = kept_frames(spark)
    with persisted(spark.range(9)) as rows:
        assert rows.count() == 9
        assert len(kept_frames(spark) - before) == 1
    assert kept_frames(spark) == before


def test_rows_are_forgotten_when_the_block_fails(spark: SparkSession) -> None:
    before = kept_frames(spark)
    with pytest.raises(ZeroDivisionError), persisted(spark.range(9)) as rows:
        raise ZeroDivisionError(rows.count())
    assert kept_frames(spark) == before


def test_a_dataset_that_was_replaced_is_read_anew(spark: SparkSession, tmp_path: Path) -> None:
    def loaded(count: int) -> DataFrame:
        dataset = SparkFrameDataset(filepath=str(tmp_path / "x"))
        dataset.save(spark.range(count).coalesce(1))
        return dataset.load()

    first = persist(loaded(3))
    assert first.count() == 3
    with persisted(loaded(5)) as second:
        assert second.count() == 5
    unpersist(first)


def test_a_frame_that_somebody_cached_is_read_anew(spark: SparkSession, tmp_path: Path) -> None:
    dataset = SparkFrameDataset(filepath=str(tmp_path / "x"))
    dataset.save(spark.range(3))
    cached = dataset.load().cache()
    assert cached.count() == 3
    dataset.save(spark.range(5))
    assert dataset.load().count() == 5
    dataset.load().unpersist()
