"""Which columns become inputs, and what is said of the others."""

import logging
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features.columns import FeatureColumns, choose_columns
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.parameters import DataOptions, Parameters
from feature_steps import Settings, failure, settings, transform

AUTO = {"categorical": "auto", "numeric": "auto"}


def chosen_inputs(rows: DataFrame, chosen: Settings) -> FeatureColumns:
    return fit_feature_model(rows, *chosen).input_columns


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    return (
        spark.range(60)
        .selectExpr(
            "id AS row_id",
            "double(id % 7) AS x",
            "CAST(id % 5 AS DECIMAL(10, 2)) AS price",
            "id % 3 = 0 AS flag",
            "array('a', 'b', 'c')[id % 3] AS job",
            "concat('person ', id) AS name",
            "'same' AS country",
            "CAST(NULL AS STRING) AS nothing",
            "date_add(date'2024-01-01', int(id)) AS day",
            "timestamp'2024-01-01 10:00:00' AS moment",
            "array(id) AS list",
            "struct(id) AS inner",
            "binary('x') AS bytes",
            "if(id % 4 = 0, 'yes', 'no') AS y",
        )
        .cache()
    )


def test_booleans_and_decimals_are_numbers(table: DataFrame, parameters: Parameters) -> None:
    fitted = fit_feature_model(table, *settings(parameters, columns=AUTO))
    assert list(fitted.scaled_columns.columns) == ["x", "price", "flag"]
    named = settings(
        parameters,
        columns={"categorical": [], "numeric": ["flag"]},
        skew={"statistic": "kurtosis", "lower": -1e9, "upper": 1e9},
    )
    found: list[Any] = []
    assert failure(lambda: found.extend(transform(table, table, named)[0])) == ""
    assert found == [[float(n % 3 == 0)] for n in range(60)]


def test_booleans_may_be_categories(table: DataFrame, parameters: Parameters) -> None:
    chosen = settings(parameters, columns={"categorical": ["flag"], "numeric": "auto"})
    found: list[Any] = []
    assert failure(lambda: found.extend(transform(table, table, chosen)[0])) == ""
    assert [vector[0] for vector in found] == [float(n % 3 > 0) for n in range(60)]
    assert len(found[0]) == 3  # the flag is not a number too


def test_text_that_groups_no_rows_is_left_out(table: DataFrame, parameters: Parameters) -> None:
    found: list[Any] = []
    chosen = settings(parameters, columns=AUTO)
    assert failure(lambda: found.extend(transform(table, table, chosen)[0])) == ""
    assert len(found[0]) == 2 + 3  # three jobs, three numbers


def test_every_column_that_is_left_out_is_named_with_the_reason(
    table: DataFrame, parameters: Parameters, caplog: pytest.LogCaptureFixture
) -> None:
    columns = AUTO | {"drop": ["duration", "month"]}
    chosen = settings(parameters, columns=columns, availability={"duration": "after_call"})
    with caplog.at_level(logging.INFO):
        found = chosen_inputs(table.withColumnRenamed("day", "raw_features"), chosen)
    assert (found.categorical, found.numeric) == (("job",), ("x", "price", "flag"))
    date = "a date or time: set features.dates"
    assert found.left_out == {
        "duration": "dropped by data.columns.drop; known only after the outcome",
        "month": "dropped by data.columns.drop",
        "name": "nearly every train row has a value of its own",
        "country": "the train rows hold the single value 'same'",
        "nothing": "no train row has a value",
        "features": date,
        "moment": date,
        "list": "of the type array<bigint>: neither numbers, text nor true and false",
        "inner": "of the type struct<id:bigint>: neither numbers, text nor true and false",
        "bytes": "of the type binary: neither numbers, text nor true and false",
    }
    assert "Left out: duration (dropped by data.columns.drop; known" in caplog.text


def test_so_are_those_that_the_lists_do_not_name(table: DataFrame, parameters: Parameters) -> None:
    chosen = settings(
        parameters,
        columns={"categorical": ["job"], "numeric": ["alike"]},
        derived={"half": "x / 2"},
        counts={"alike": ["half"]},
    )
    found = chosen_inputs(table.select("row_id", "x", "flag", "job", "day", "y"), chosen)
    named = "not named in data.columns"
    assert list(found.left_out.values())[2].startswith("a date")
    assert {**found.left_out, "day": ""} == {"x": named, "flag": named, "day": "", "half": named}


def with_columns(parameters: Parameters, update: dict[str, Any]) -> DataOptions:
    columns = parameters.data.columns.model_copy(update=update)
    return parameters.data.model_copy(update={"columns": columns})


def test_columns_are_chosen_by_type(rows: DataFrame, parameters: Parameters) -> None:
    auto = {"categorical": "auto", "numeric": "auto"}
    by_type = choose_columns(rows, with_columns(parameters, auto))
    assert by_type == choose_columns(rows, parameters.data)


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({"categorical": ["jobb"]}, "data.columns.categorical names jobb, but the categorical"),
        ({"numeric": ["job"]}, "data.columns.numeric names job, but the numeric columns"),
        ({"numeric": [], "categorical": []}, "choose no column: name at least one"),
    ],
)
def test_wrong_columns_are_refused(
    rows: DataFrame, parameters: Parameters, update: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        choose_columns(rows, with_columns(parameters, update))


def test_columns_that_split_the_rows_are_no_inputs(
    table: DataFrame, parameters: Parameters
) -> None:
    chosen = settings(
        parameters,
        columns=AUTO | {"time": "day", "group": "job"},
        derived={"weekday": "dayofweek(day)"},
        dates={"parts": ["month"], "encoding": "number"},
    )
    found = chosen_inputs(table.select("row_id", "x", "job", "day", "y"), chosen)
    assert found.categorical == ()
    assert found.numeric == ("x", "weekday")
    assert found.left_out == {
        "day": "it orders the rows in time",
        "job": "it names the group of a row",
    }


def test_the_order_of_the_file_is_no_column_of_the_table(
    table: DataFrame, parameters: Parameters
) -> None:
    rows = table.select("row_id", "x", "y").withColumn(":order", F.col("row_id"))
    chosen = settings(parameters, columns=AUTO | {"time": ":order"})
    found = chosen_inputs(rows, chosen)
    assert (found.numeric, found.left_out) == (("x",), {})
