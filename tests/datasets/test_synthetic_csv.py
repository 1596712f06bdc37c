"""Synthetic rows on disk: marked, whole, and never in the place of real ones."""

import json
from pathlib import Path

import pytest
from kedro.io import DatasetError
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.datasets import SyntheticCSVDataset

FACTS = {"synthetic": True, "rows": 4}


def test_one_partition_is_one_file(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    SyntheticCSVDataset(filepath=str(path)).save((spark.range(0, 2, numPartitions=1), FACTS))
    assert path.read_bytes() == b"id\n0\n1\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rows.csv", "rows.csv.synthetic.json"]


def test_partitions_are_a_folder_of_files(spark: SparkSession, tmp_path: Path) -> None:
    dataset = SyntheticCSVDataset(filepath=str(tmp_path / "rows.csv"))
    dataset.save((spark.range(0, 4, numPartitions=2), FACTS))
    parts = sorted((tmp_path / "rows.csv").iterdir())
    assert [part.name for part in parts] == ["part-00000.csv", "part-00001.csv"]
    assert [part.read_text() for part in parts] == ["id\n0\n1\n", "id\n2\n3\n"]
    rows, facts = dataset.load()
    assert (rows.count(), facts) == (4, FACTS)


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (1, 1), (2, 2)])
def test_marked_rows_are_replaced(
    spark: SparkSession, tmp_path: Path, before: int, after: int
) -> None:
    dataset = SyntheticCSVDataset(filepath=str(tmp_path / "rows.csv"))
    dataset.save((spark.range(0, 9, numPartitions=before), {"rows": 9}))
    dataset.save((spark.range(0, 4, numPartitions=after), FACTS))
    rows, facts = dataset.load()
    assert (rows.count(), facts) == (4, FACTS)


def test_rows_without_a_marker_are_never_replaced(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "real.csv"
    path.write_text("id\n7\n")
    with pytest.raises(DatasetError, match=r"without real\.csv\.synthetic\.json beside it"):
        SyntheticCSVDataset(filepath=str(path)).save((spark.range(3), FACTS))
    assert path.read_text() == "id\n7\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_rows(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    dataset = SyntheticCSVDataset(filepath=str(path))
    dataset.save((spark.range(0, 2, numPartitions=1), FACTS))
    broken = spark.range(0, 4, numPartitions=2).select(sf.raise_error(sf.lit("broken")))
    with pytest.raises(DatasetError, match="broken"):
        dataset.save((broken, {"rows": 0}))
    assert path.read_bytes() == b"id\n0\n1\n"
    marker = path.with_name("rows.csv.synthetic.json")
    assert json.loads(marker.read_text()) == FACTS
    assert sorted(tmp_path.iterdir()) == [path, marker]
