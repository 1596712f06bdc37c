"""A derived column is a function of its row's own columns, and of nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features.derived import derived_stage
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.parameters import Parameters
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
    "double(reflect('java.lang.Math', 'random'))": "calls a method outside Spark",
    "java_method('java.lang.Math', 'abs', 3)": "calls a method outside Spark",
    "try_reflect('java.lang.Math', 'random')": "calls a method outside Spark",
    "random()": "gives another value",
    "uniform(1, 5)": "gives another value",
    "x + uniform(1, 5, 7)": "gives another value",
    "hash(randstr(3, 7))": "gives another value",
    "input_file_block_start()": "gives another value",
    "input_file_block_length()": "gives another value",
    "hash(aes_encrypt(t, '0000111122223333'))": "gives another value each time",
    "hash(aes_encrypt(t, '0000111122223333', 'cbc'))": "unless its iv is a constant",
    "hash(aes_encrypt(t, '0000111122223333', 'CBC', 'PKCS', ''))": "unless its iv is a constant",
    "hash(aes_encrypt(t, '0000111122223333', 'CBC', 'PKCS', t))": "unless its iv is a constant",
    "unix_timestamp()": "depends on when",
    "year(now())": "now() depends on when",
    "datediff(current_date, date'2020-01-01')": "current_date depends on when",
    "length(current_user())": "depends on when, where or by whom",
    "length(user())": "depends on when, where or by whom",
    "length(session_user)": "depends on when, where or by whom",
    "length(version())": "depends on when, where or by whom",
    "length(current_catalog())": "depends on when, where or by whom",
    "length(current_database())": "depends on when, where or by whom",
    "length(current_schema())": "depends on when, where or by whom",
    "length(current_timezone())": "depends on when, where or by whom",
    "year(curdate())": "curdate() depends on when",
    "hour(localtimestamp())": "localtimestamp() depends on when",
    "hour(current_timestamp())": "current_timestamp() depends on when",
    "year(timestamp'now')": "timestamp'now' depends on when",
    "year(timestamp_ntz 'Now')": "timestamp_ntz 'Now' depends on when",
    "year(timestamp_ltz'now')": "timestamp_ltz'now' depends on when",
    "year(timestamp r'today Europe/Berlin')": "depends on when",
    "year(cast(raise_error('no') as date)) + year(date'today')": "date'today' depends on when",
    "year(date'today')": "date'today' depends on when",
    "year(date/* */' YESTERDAY\t')": "YESTERDAY\t' depends on when",
    "year(date'\\u0074omorrow')": "depends on when",
    "year(cast('now' as timestamp))": "cast('now' as timestamp) depends on when",
    "year(cast('tomorrow' as date))": "cast('tomorrow' as date) depends on when",
    "year(try_cast('today+01:00' as timestamp_ntz))": "depends on when",
    "year('yesterday'::date)": "'yesterday'::date depends on when",
    "year(timestamp('now'))": "timestamp('now') depends on when",
    "year(to_timestamp('now UTC'))": "depends on when",
    "year(to_date(concat('to', 'day')))": "depends on when",
    "year('today')": "year('today') depends on when",
    "int(date'2020-01-01' < 'today')": "date'2020-01-01' < 'today' depends on when",
    "twice(x)": "twice(x) belongs to this session",
    "sql_twice(x)": "sql_twice(x) belongs to this session",
    "x + sql_rows()": "sql_rows() belongs to this session",
    "default.sql_kept(x)": "default.sql_kept(x) belongs to this session",
    "sql_kept(x)": "sql_kept(x) belongs to this session",
    "identifier('sql_twice')(x)": "computes a name; write the name itself",
    "identifier('rand')()": "computes a name; write the name itself",
    "hash(window(date_add(date'2020-01-01', int(x)), '1 day'))": "adds or drops rows",
    "hash(session_window(date_add(date'2020-01-01', int(x)), '1 day'))": "adds or drops rows",
    "hash(schema_of_variant_agg(parse_json('1')))": "looks at other rows",
}


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> Iterator[DataFrame]:
    spark.udf.register("twice", F.udf(lambda x: 2 * x, "double"))
    spark.sql("CREATE TEMPORARY FUNCTION sql_twice(x DOUBLE) RETURNS DOUBLE RETURN 2 * x")
    counted = "(SELECT count(*) FROM range(3))"
    spark.sql(f"CREATE TEMPORARY FUNCTION sql_rows() RETURNS DOUBLE RETURN {counted}")
    spark.sql("CREATE FUNCTION sql_kept(x DOUBLE) RETURNS DOUBLE RETURN 2 * x")
    rows = [(n, float(n % 7), "ab"[n % 2], "yes" if n % 3 else "no") for n in range(30)]
    yield spark.createDataFrame(rows, "row_id long, x double, t string, y string").cache()
    for made in (
        "TEMPORARY FUNCTION sql_twice",
        "TEMPORARY FUNCTION sql_rows",
        "FUNCTION sql_kept",
    ):
        spark.sql(f"DROP {made}")


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
        fit_feature_model(table, data, features)
    assert str(refused.value).startswith("features.derived.e: ")
    assert said in str(refused.value)


def test_every_function_that_makes_rows_is_refused(table: DataFrame, spark: SparkSession) -> None:
    makers = spark._jsparkSession.sessionState().tableFunctionRegistry().listFunction()
    names = {makers.apply(number).funcName() for number in range(makers.size())}
    assert {"explode", "json_tuple", "stack", "variant_explode"} <= names
    for name in names:
        with pytest.raises(ParameterError, match="makes several rows of one"):
            derived_stage(table, "e", f"{name}('{{}}', 'a')")


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
        ("double(t = 'today' or concat('no', 'w') = t)", lambda _: 0.0),
        ("datediff(date'epoch', cast('1970-01-01' as date)) + x", lambda x: x),
        ("year(timestamp'epoch') + x", lambda x: x + 1970),
        ("double(year(to_date('2020-01-01')) > x)", lambda _: 1.0),
        ("length(aes_encrypt('a', '0000111122223333', 'ECB'))", lambda _: 16.0),
        (
            "length(aes_encrypt('a', '0000111122223333', 'CBC', 'PKCS', unhex(repeat('0', 32))))",
            lambda _: 32.0,
        ),
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
