import math

import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.statistics import column_statistic, describe_columns


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(1, "a", 1.0, 5), (2, "b", 2.0, 5), (3, "a", 4.0, 5), (4, None, None, 5)]
    return spark.createDataFrame(rows, "id int, word string, `odd.name` double, same int")


def test_every_column_is_described(frame: DataFrame) -> None:
    profile = describe_columns(frame)
    assert profile["rows"] == 4
    assert list(profile["columns"]) == ["id", "word", "odd.name", "same"]
    assert profile["columns"]["word"] == {
        "count": 3,
        "nulls": 1,
        "distinct": 2,
        "distinct_is": "exact",
        "top": {"a": 2, "b": 1},
    }


def test_numbers_have_moments_as_pandas_knows_them(frame: DataFrame) -> None:
    column = describe_columns(frame)["columns"]["odd.name"]
    values = [1.0, 2.0, 4.0]
    mean = sum(values) / 3
    second = sum((v - mean) ** 2 for v in values)
    assert column["mean"] == pytest.approx(mean)
    assert column["std"] == pytest.approx(math.sqrt(second / 2))
    assert column["skewness"] == pytest.approx(
        sum((v - mean) ** 3 for v in values) / 3 / (second / 3) ** 1.5
    )
    assert (column["min"], column["max"], column["nulls"]) == (1.0, 4.0, 1)


def test_a_constant_column_has_no_kurtosis(frame: DataFrame) -> None:
    column = describe_columns(frame)["columns"]["same"]
    assert column["kurtosis"] is None
    assert column["distinct"] == 1


def test_values_of_ids_are_not_listed(frame: DataFrame) -> None:
    word = describe_columns(frame, exclude_values_of=["word"])["columns"]["word"]
    assert "top" not in word
    assert word["distinct_is"] == "approximate"


def test_an_approximate_distinct_count_is_close(spark: SparkSession) -> None:
    column = describe_columns(spark.range(20_000))["columns"]["id"]
    assert column["distinct"] == pytest.approx(20_000, rel=0.08)


@pytest.mark.parametrize("columns", [2, 40])
def test_jobs_do_not_grow_with_columns(spark: SparkSession, columns: int) -> None:
    wide = spark.range(100).selectExpr(
        "id",
        *(f"id % {n + 2} as number_{n}" for n in range(columns)),
        *(f"string(id % {n + 2}) as word_{n}" for n in range(columns)),
    )
    context = spark.sparkContext
    context.setJobGroup(f"profile of {columns}", "profile")
    describe_columns(wide)
    jobs = context.statusTracker().getJobIdsForGroup(f"profile of {columns}")
    context.setJobGroup("", "")
    assert len(jobs) == 3


def test_adaptive_execution_is_as_before(spark: SparkSession, frame: DataFrame) -> None:
    before = spark.conf.get("spark.sql.adaptive.enabled")
    describe_columns(frame)
    assert spark.conf.get("spark.sql.adaptive.enabled") == before


def test_one_statistic_of_many_columns(frame: DataFrame) -> None:
    assert column_statistic(frame, ["id", "same"], "skewness") == {"id": 0.0, "same": None}
    assert column_statistic(frame, [], "skewness") == {}
