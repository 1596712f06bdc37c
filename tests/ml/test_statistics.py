import pytest
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.statistics import TopValues, number_statistics, top_values


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(1, "a", None, 5), (2, "b", None, 5), (3, "b", None, 5), (4, None, None, 5)]
    return spark.createDataFrame(rows, "id int, `odd.name` string, empty string, same int")


def test_one_statistic_of_many_columns(frame: DataFrame) -> None:
    found = number_statistics(frame, ["id", "same"], ["skewness"])
    assert found == {"id": {"skewness": 0.0}, "same": {"skewness": None}}
    assert number_statistics(frame, [], ["skewness"]) == {}


def test_a_statistic_of_no_rows_is_undefined(frame: DataFrame) -> None:
    assert number_statistics(frame.limit(0), ["id"], ["mean"]) == {"id": {"mean": None}}


def test_top_values_are_the_most_frequent_ones(frame: DataFrame) -> None:
    assert top_values(frame, ["odd.name", "empty"], 1) == {
        "odd.name": TopValues(2, {"b": 2}),
        "empty": TopValues(0, {}),
    }
    assert list(top_values(frame, ["odd.name"], 9)["odd.name"].rows) == ["b", "a"]
