"""A derived column is a function of its row's own columns, and of nothing else."""

from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.feature_model import choose_scaled_columns
from bank_spark_dl.params import Parameters
from feature_steps import settings, transform

REFUSED = {
    "x - avg(x) over ()": "avg(x) over () looks at other rows",
    "row_number() OVER (PARTITION BY t ORDER BY x)": "looks at other rows",
    "lag(x, 1) over (order by x)": "looks at other rows",
    "1 + sum(x)": "sum(x) looks at other rows",
    "any_value(x)": "any_value(x) looks at other rows",
    "count(*)": "count(*) looks at other rows",
    "x / (select 2)": "(select 2) looks at other rows",
    "int(x in (select 1))": "looks at other rows",
    "int(exists(select 1))": "looks at other rows",
    "explode(array(x, 1))": "explode(array(x, 1)) makes several rows of one",
    "hash(*)": "* takes every column",
    "rand()": "rand() gives another value each time",
    "x + randn(7)": "randn(7) gives another value each time",
    "hash(uuid())": "uuid() gives another value",
    "shuffle(array(x, 1))[0]": "gives another value",
    "aggregate(array(x), 0D, (a, b) -> a + rand())": "rand() gives another value",
    "monotonically_increasing_id()": "gives another value",
    "spark_partition_id()": "gives another value",
    "length(input_file_name())": "gives another value",
    "double(reflect('java.lang.Math', 'random'))": "gives another value",
    "unix_timestamp()": "depends on when",
    "year(now())": "now() depends on when",
    "datediff(current_date, date'2020-01-01')": "current_date depends on when",
    "length(current_user())": "depends on when, where or by whom",
    "twice(x)": "twice(x) belongs to this session",
}


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    spark.udf.register("twice", F.udf(lambda x: 2 * x, "double"))
    rows = [(n, float(n % 7), "ab"[n % 2], "yes" if n % 3 else "no") for n in range(30)]
    return spark.createDataFrame(rows, "row_id long, x double, t string, y string").cache()


@pytest.mark.parametrize(("expression", "said"), REFUSED.items())
def test_what_is_no_function_of_the_row_is_refused_by_name(
    table: DataFrame, parameters: Parameters, expression: str, said: str
) -> None:
    data, features = settings(
        parameters,
        columns={"categorical": [], "numeric": ["x", "e"]},
        derived={"e": expression},
    )
    with pytest.raises(ParameterError) as refused:
        choose_scaled_columns(table, data, features)
    assert str(refused.value).startswith("features.derived.e: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("CASE WHEN x > 2 THEN 1 ELSE 0 END -- a comment", lambda x: float(x > 2)),
        (
            "aggregate(transform(array(x, 1D), a -> a * 2), 0D, (a, b) -> a + b)",
            lambda x: 2 * x + 2,
        ),
        ("greatest(x, 3, row_id * 0)", lambda x: max(x, 3.0)),
        ("double(date_add(date'2020-01-01', int(x)) > date'2020-01-03')", lambda x: float(x > 2)),
    ],
)
def test_functions_of_the_row_are_taken(
    table: DataFrame, parameters: Parameters, expression: str, value: Any
) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["e"]},
        derived={"e": expression},
        skew={"statistic": "kurtosis", "lower": -1e9, "upper": 1e9},
    )
    expected = [[value(float(n % 7))] for n in range(30)]
    assert transform(table, table, chosen) == (expected, expected)
