"""What numbers are made of dates and timestamps."""

from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.leakage import leakage_columns
from bank_spark_dl.parameters import Parameters
from feature_steps import Settings, failure, fit, scored_inputs, settings, transform, vectors

PARTS = ["year", "month", "day_of_month", "day_of_week", "hour", "days_since_newest"]
UNSKEWED = {"statistic": "kurtosis", "lower": -1e9, "upper": 1e9}
NONE = {"categorical": [], "numeric": []}


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    """Days from Friday, the first of March 2024, and moments six hours apart."""
    return (
        spark.range(12)
        .selectExpr(
            "id AS row_id",
            "date_add(date'2024-03-01', int(id)) AS `the.day`",
            "timestamp'2023-12-31 18:00:00' + make_interval(0, 0, 0, 0, 6 * int(id)) AS `größe__x`",
            "CAST(NULL AS DATE) AS never",
            "if(id % 3 = 0, 'yes', 'no') AS y",
        )
        .cache()
    )


def chosen(parameters: Parameters, *parts: str, encoding: str = "number", **more: Any) -> Settings:
    dates = {"parts": list(parts or PARTS), "encoding": encoding}
    options = {"columns": NONE, "skew": UNSKEWED} | more
    return settings(parameters, dates=dates, **options)


def test_their_parts_are_numbers(table: DataFrame, parameters: Parameters) -> None:
    found, _ = transform(table, table, chosen(parameters))  # days are all of March 2024
    assert found[0] == [1, 5, 11, 2023, 12, 31, 7, 18, 2.75]
    assert found[3] == [4, 1, 8, 2024, 1, 1, 1, 12, 2.0]
    assert found[11][2] == found[11][8] == 0


def test_parts_with_a_period_lie_on_a_circle(table: DataFrame, parameters: Parameters) -> None:
    found, _ = transform(table, table, chosen(parameters, encoding="cyclic"))
    angles = [2 * pi * 1 / 31, 2 * pi * 5 / 7]
    expected = [*(f(angle) for angle in angles for f in (sin, cos)), 11, 2023]
    np.testing.assert_allclose(found[0][:6], expected, atol=1e-15)
    december = 2 * pi * 12 / 12
    np.testing.assert_allclose(found[0][6:8], [sin(december), cos(december)], atol=1e-15)
    hour = 2 * pi * 18 / 24
    np.testing.assert_allclose(found[0][-3:], [sin(hour), cos(hour), 2.75], atol=1e-15)


def test_inputs_are_named_by_column_and_part(table: DataFrame, parameters: Parameters) -> None:
    fitted = fit_feature_model(table, *chosen(parameters, "month", "day_of_month", "hour"))
    assert list(fitted.scaled_columns.columns) == [
        "the.day (day_of_month)",
        "größe__x (month)",
        "größe__x (day_of_month)",
        "größe__x (hour)",
    ]
    assert fitted.input_columns.left_out == {
        "never": "no train row has a value",
        "the.day (month)": "all train rows have the same one",
    }
    assert fitted.input_columns.dates["the.day"] == ["the.day (day_of_month)"]
    fitted = fit_feature_model(table, *chosen(parameters, "hour", encoding="cyclic"))
    assert fitted.input_columns.numeric == ("größe__x (hour, sin)", "größe__x (hour, cos)")
    assert fitted.input_columns.left_out["the.day"].startswith("a date has no hour")


def test_newer_rows_are_before_the_newest_train_row(
    table: DataFrame, parameters: Parameters
) -> None:
    train, test = table.where("row_id < 10"), table.where("row_id >= 10")
    _, found = transform(train, test, chosen(parameters, "days_since_newest"))
    assert found == [[-1, -0.25], [-2, -0.5]]


@pytest.mark.parametrize("piecewise", [None, {"bins": 3, "columns": {}}])
@pytest.mark.parametrize("encoding", ["number", "cyclic"])
def test_saved_stages_and_scoring_agree_to_the_bit(
    table: DataFrame, parameters: Parameters, piecewise: Any, encoding: str, tmp_path: Any
) -> None:
    rows = table.selectExpr("row_id", "if(row_id = 5, NULL, `the.day`) AS `the.day`", "`größe__x`",
                            "y")  # fmt: skip
    options = chosen(
        parameters,
        encoding=encoding,
        missing="median",
        piecewise_linear=piecewise,
        skew={"statistic": "kurtosis", "lower": 0.0, "upper": 0.0},
    )
    expected, _ = transform(rows, rows, options)
    fit(rows, options).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    assert vectors(loaded.transform(rows)) == expected
    assert np.array_equal(np.float32(expected), np.float32(scored_inputs(rows, loaded)))


def test_missing_dates_are_filled_and_marked_or_refused(
    table: DataFrame, parameters: Parameters
) -> None:
    rows = table.selectExpr("row_id", "if(row_id > 9, NULL, `the.day`) AS day", "y")
    options = chosen(parameters, "day_of_month", "days_since_newest", missing="median")
    found, _ = transform(rows, rows, options)
    assert (found[0], found[11]) == ([1, 9, 0], [5.5, 4.5, 1])
    message = failure(lambda: fit(rows, chosen(parameters, "month")))
    assert message.startswith("The train rows have missing values in day (2 rows), which")


def test_derived_dates_are_dates_too(table: DataFrame, parameters: Parameters) -> None:
    rows = table.selectExpr("row_id", "string(`the.day`) AS text", "y")
    options = chosen(parameters, "day_of_month", derived={"day": "to_date(text)"})
    assert transform(rows, rows, options)[0] == [[n + 1] for n in range(12)]


def test_a_name_that_the_table_has_is_refused(table: DataFrame, parameters: Parameters) -> None:
    rows = table.selectExpr("row_id", "`the.day` AS day", "1 AS `day (month)`", "y")
    assert failure(lambda: fit(rows, chosen(parameters, "month"))) == (
        "features.dates makes day (month) of day, but the table has a column of that name: rename "
        "it."
    )


def test_dates_known_after_the_call_are_leakage(table: DataFrame, parameters: Parameters) -> None:
    late = {"the.day": "after_call"}
    data, features = chosen(parameters, "month", availability=late)
    assert leakage_columns(table, data, features) == ["the.day"]
    assert leakage_columns(table, data, features.model_copy(update={"dates": None})) == []
