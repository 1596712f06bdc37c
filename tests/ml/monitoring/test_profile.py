import math
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.datasets import ResultDataset
from bank_spark_dl.ml.monitoring.profile import (
    ColumnProfile,
    DataProfile,
    TextProfile,
    profile_table,
)
from bank_spark_dl.ml.raw_source import RawSource

SOURCE = RawSource("bank.csv", "0", synthetic=True)


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(1, "a", 1.0, 5), (2, "b", 2.0, 5), (3, "a", 4.0, 5), (4, None, None, 5)]
    return spark.createDataFrame(rows, "id int, word string, `odd.name` double, same int")


def test_every_column_is_described(frame: DataFrame) -> None:
    profile = profile_table(frame, SOURCE)
    assert profile == DataProfile("bank.csv", "0", True, 4, profile.columns)
    assert list(profile.columns) == ["id", "word", "odd.name", "same"]
    assert profile.columns["word"] == TextProfile(3, 1, 2, "exact", {"a": 2, "b": 1})


def test_a_saved_profile_is_the_same(frame: DataFrame, tmp_path: Path) -> None:
    dataset = ResultDataset(
        filepath=str(tmp_path / "profile.json"),
        result="bank_spark_dl.ml.monitoring.profile.DataProfile",
    )
    profile = profile_table(frame.withColumn("day", F.current_date()), SOURCE)
    dataset.save(profile)
    assert dataset.load() == profile


def test_numbers_have_moments_as_pandas_knows_them(frame: DataFrame) -> None:
    column = profile_table(frame, SOURCE).columns["odd.name"]
    values = [1.0, 2.0, 4.0]
    mean = sum(values) / 3
    second = sum((v - mean) ** 2 for v in values)
    assert column.mean == pytest.approx(mean)
    assert column.std == pytest.approx(math.sqrt(second / 2))
    assert column.skewness == pytest.approx(
        sum((v - mean) ** 3 for v in values) / 3 / (second / 3) ** 1.5
    )
    assert (column.min, column.max, column.nulls) == (1.0, 4.0, 1)


def test_a_constant_column_has_no_kurtosis(frame: DataFrame) -> None:
    column = profile_table(frame, SOURCE).columns["same"]
    assert column.kurtosis is None
    assert column.distinct == 1


def test_values_of_ids_are_not_listed(frame: DataFrame) -> None:
    word = profile_table(frame, SOURCE, exclude_values_of=["word"]).columns["word"]
    assert word == ColumnProfile(3, 1, 2, "approximate")


def test_an_approximate_distinct_count_is_close(spark: SparkSession) -> None:
    column = profile_table(spark.range(20_000), SOURCE).columns["id"]
    assert column.distinct == pytest.approx(20_000, rel=0.08)


@pytest.mark.parametrize("columns", [2, 40])
def test_jobs_do_not_grow_with_columns(spark: SparkSession, columns: int) -> None:
    wide = spark.range(100).selectExpr(
        "id",
        *(f"id % {n + 2} as number_{n}" for n in range(columns)),
        *(f"string(id % {n + 2}) as word_{n}" for n in range(columns)),
    )
    context = spark.sparkContext
    context.setJobGroup(f"profile of {columns}", "profile")
    profile_table(wide, SOURCE)
    jobs = context.statusTracker().getJobIdsForGroup(f"profile of {columns}")
    context.setJobGroup("", "")
    assert len(jobs) == 3


def test_adaptive_execution_is_as_before(spark: SparkSession, frame: DataFrame) -> None:
    before = spark.conf.get("spark.sql.adaptive.enabled")
    profile_table(frame, SOURCE)
    assert spark.conf.get("spark.sql.adaptive.enabled") == before
