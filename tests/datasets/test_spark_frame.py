"""Frames on disk: what is loaded is what was saved, at no cost in Spark jobs."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import AnalysisException
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.datasets import SparkFrameDataset


@pytest.fixture
def vectors(spark: SparkSession) -> DataFrame:
    rows = spark.range(4).select("id", sf.col("id").cast("string").alias("a.b"))
    return VectorAssembler(inputCols=["id", "id"], outputCol="features").transform(rows)


def test_loading_starts_no_job(spark: SparkSession, vectors: DataFrame, tmp_path: Path) -> None:
    dataset = SparkFrameDataset(filepath=str(tmp_path / "x.parquet"))
    dataset.save(vectors)
    spark.sparkContext.setJobGroup("loading", "What loading costs")
    try:
        assert dataset.exists()
        loaded = dataset.load()
        jobs = spark.sparkContext.statusTracker().getJobIdsForGroup("loading")
    finally:
        spark.sparkContext._jsc.clearJobGroup()
    assert not jobs
    by_spark = spark.read.parquet(str(tmp_path / "x.parquet"))
    assert loaded.schema == by_spark.schema
    assert loaded.schema["features"].metadata["ml_attr"]["num_attrs"] == 2
    assert sorted(loaded.collect()) == sorted(by_spark.collect())


def test_a_frame_replaced_with_other_columns_is_loaded_with_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = str(tmp_path / "x.parquet")
    dataset, other = SparkFrameDataset(filepath=path), SparkFrameDataset(filepath=path)
    dataset.save(spark.range(2))
    assert dataset.load().columns == ["id"]
    other.save(spark.range(3).withColumnRenamed("id", "name"))
    assert dataset.load().columns == ["name"]


def test_what_others_wrote_is_loaded_as_spark_reads_it(spark: SparkSession, tmp_path: Path) -> None:
    folder = tmp_path / "x.parquet"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1, 2]}), folder / "part.parquet")
    parted = tmp_path / "y.parquet"
    spark.range(4).withColumn("part", sf.col("id") % 2).write.partitionBy("part").parquet(
        str(parted)
    )
    assert SparkFrameDataset(filepath=str(folder)).load().schema.simpleString() == (
        "struct<a:bigint>"
    )
    assert SparkFrameDataset(filepath=str(parted)).load().columns == ["id", "part"]


def test_load_args_count(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "x.parquet")
    spark.range(2).coalesce(1).write.parquet(path)
    spark.range(2).coalesce(1).withColumn("b", sf.lit(1)).write.mode("append").parquet(path)
    merged = SparkFrameDataset(filepath=path, load_args={"mergeSchema": True})
    assert merged.load().columns == ["id", "b"]


def test_a_damaged_footer_is_named_by_spark(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    spark.range(2).coalesce(1).write.parquet(str(path))
    for part in [*path.glob("part-*"), *path.glob(".part-*")]:
        part.write_bytes(b"no rows")
    with pytest.raises(Exception, match=r"x\.parquet") as caught:
        SparkFrameDataset(filepath=str(path)).load().count()
    assert not isinstance(caught.value, AnalysisException)
