"""Which categories get an input: those with enough rows, and no more than so many."""

from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.frequent_categories import frequent_categories
from bank_spark_dl.parameters import CategoryOptions, Parameters
from feature_steps import Settings, failure, fit, scored_inputs, settings, transform, vectors

TOWNS = "a" * 6 + "c" * 4 + "b" * 4 + "d" * 2 + "e"
AREAS = ["north"] * 3 + [None] * 5 + [f"area {n}" for n in range(9)]


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [
        (n, town, area, f"{n}", float(n), "yes" if n % 3 else "no")
        for n, (town, area) in enumerate(zip(TOWNS, AREAS, strict=True))
    ]
    schema = "row_id long, town string, `the.area` string, own string, x double, y string"
    return spark.createDataFrame(rows, schema).cache()


def chosen(parameters: Parameters, *names: str, missing: Any = "error", **kept: Any) -> Settings:
    return settings(
        parameters,
        columns={"categorical": list(names), "numeric": []},
        unseen_categories="keep",
        missing=missing,
        categories={"min_count": 1, "max_categories": None} | kept,
    )


@pytest.mark.parametrize(
    ("kept", "towns", "areas"),
    [
        ({"min_count": 2}, ["a", "b", "c", "d"], ["north"]),
        ({"min_count": 5}, ["a"], []),
        ({"max_categories": 2}, ["a", "b"], ["north", "area 0"]),
        ({"min_count": 3, "max_categories": 9}, ["a", "b", "c"], ["north"]),
    ],
)
def test_the_frequent_ones_are_found(
    table: DataFrame, kept: Any, towns: list[str], areas: list[str]
) -> None:
    options = CategoryOptions(**{"min_count": 1, "max_categories": None} | kept)
    found = frequent_categories(table, {"town": "town", "the.area": "`the.area`"}, options)
    assert found == {"town": towns, "the.area": areas}


def test_rare_and_unseen_ones_share_a_place(
    spark: SparkSession, table: DataFrame, parameters: Parameters, tmp_path: Any
) -> None:
    options = chosen(parameters, "town", "the.area", missing="median", min_count=3)
    found, _ = transform(table, table, options)  # a, b, c; missing, north
    assert found[0] == [1, 0, 0, 0, 1]
    assert found[7] == [0, 0, 1, 1, 0]
    assert found[13] == [0, 1, 0, 0, 0]
    assert found[14] == found[16] == [0, 0, 0, 0, 0]
    fit(table, options).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    unseen = table.unionByName(table.selectExpr("row_id + 100 row_id", "'z' town", "`the.area`",
                                                "own", "x", "y"))  # fmt: skip
    expected = vectors(loaded.transform(unseen))
    assert expected[: len(TOWNS)] == found
    assert expected[len(TOWNS)] == [0, 0, 0, 0, 1]
    assert np.array_equal(np.float32(expected), np.float32(scored_inputs(unseen, loaded)))


def test_when_all_are_frequent_the_inputs_are_as_without(
    table: DataFrame, parameters: Parameters
) -> None:
    every = transform(table, table, chosen(parameters, "town", "the.area"))
    many = transform(table, table, chosen(parameters, "town", "the.area", max_categories=99))
    assert many == every


def test_a_column_of_rare_ones_is_no_input(table: DataFrame, parameters: Parameters) -> None:
    listed = chosen(parameters, "town", "own", min_count=3)
    assert failure(lambda: fit(table, listed)) == (
        "data.columns.categorical names own, where no value has 3 train rows: take it out of the "
        "list, or set a lower features.categories.min_count."
    )
    auto = settings(
        parameters,
        columns={"categorical": "auto", "numeric": []},
        unseen_categories="keep",
        categories={"min_count": 5, "max_categories": None},
    )
    rows = table.selectExpr("row_id", "town", "concat('n', substr(own, 2)) AS unit", "y")
    found = fit_feature_model(rows, *auto).input_columns
    assert found.categorical == ("town", "unit")
    rows = table.selectExpr("row_id", "town", "if(x < 4, own, NULL) AS few", "y")
    rows = rows.unionByName(rows.selectExpr("row_id + 50 AS row_id", "town", "few", "y"))
    found = fit_feature_model(rows, *auto).input_columns
    assert (found.categorical, dict(found.left_out)) == (
        ("town",),
        {"few": "no value has 5 train rows"},
    )
