"""Categories as indices: 0 for those without one, then the most frequent first."""

from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.ml.features import embedding
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.stages import describe_stages
from bank_spark_dl.ml.features.vectors import embedded_sizes, make_vectors
from bank_spark_dl.ml.models.baselines import baseline_features
from bank_spark_dl.parameters import Parameters
from feature_steps import Settings, failure, fit, scored_inputs, settings, vectors

TOWNS = ["b"] * 4 + ["a"] * 3 + ["it's"] * 2 + ["__THIS__", None, ""]
SIZES = ["small", "large"] * 6


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [
        (n, town, size, float(n), "yes" if n % 3 else "no")
        for n, (town, size) in enumerate(zip(TOWNS, SIZES, strict=True))
    ]
    schema = "row_id long, `the.town` string, size string, x double, y string"
    return spark.createDataFrame(rows, schema).cache()


def chosen(
    parameters: Parameters, unseen: str = "keep", missing: Any = "error", **kept: Any
) -> Settings:
    names = ["the.town", "size"] if unseen == "keep" else ["size"]
    return settings(
        parameters,
        columns={"categorical": names, "numeric": ["x"]},
        unseen_categories=unseen,
        missing=missing,
        categories={"min_count": 1, "max_categories": None, "encoding": "embedding"} | kept,
        standardize={"with_mean": False, "with_std": False},
    )


@pytest.mark.parametrize(
    ("missing", "kept", "towns"),
    [
        ("error", {}, [1, 2, 3, 4, 0, 0]),
        ("median", {}, [1, 2, 4, 5, 3, 3]),
        ("median", {"min_count": 3}, [1, 2, 0, 0, 0, 0]),
        ("median", {"max_categories": 3}, [1, 2, 0, 0, 3, 3]),
    ],
)
def test_others_are_0_and_the_most_frequent_is_1(
    table: DataFrame, parameters: Parameters, missing: Any, kept: Any, towns: list[int]
) -> None:
    model = fit(table, chosen(parameters, missing=missing, **kept))
    made = make_vectors(table, model, "The rows")
    found = vectors(made)
    assert [found[row][0] for row in (0, 4, 7, 9, 10, 11)] == towns
    assert [row[2] for row in found] == list(range(12))
    assert {row[1] for row in found} == {1, 2}
    assert embedded_sizes(made) == [max(towns) + 1, 3]
    unseen = table.selectExpr("row_id", "'z' AS `the.town`", "size", "x", "y")
    assert {row[0] for row in vectors(make_vectors(unseen, model, "New rows"))} == {0}


def test_saved_stages_make_the_same_inputs_as_compiled_ones(
    table: DataFrame, parameters: Parameters, tmp_path: Any
) -> None:
    fit(table, chosen(parameters)).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    new = table.unionByName(
        table.selectExpr("row_id + 20 AS row_id", "'z' AS `the.town`", "NULL AS size", "x", "y")
    )
    expected = vectors(loaded.transform(new))
    assert scored_inputs(new, loaded) == expected
    assert expected[12][:2] == [0, 0]


def test_the_sizes_travel_with_the_vectors(
    table: DataFrame, parameters: Parameters, tmp_path: Any
) -> None:
    made = make_vectors(table, fit(table, chosen(parameters)), "The rows")
    made.write.parquet(str(tmp_path / "features"))
    assert embedded_sizes(table.sparkSession.read.parquet(str(tmp_path / "features"))) == [5, 3]


def test_a_category_that_no_train_row_has_is_refused(
    table: DataFrame, parameters: Parameters
) -> None:
    settings = chosen(parameters, "error")
    model, options = fit(table, settings), settings[1]
    strange = table.limit(2).withColumn("size", F.expr("if(row_id = 1, 'huge', 'gi_ant')"))
    assert failure(lambda: check_new_rows(strange, model, options, "The test rows")) == (
        "The test rows hold categories that the train rows do not (size: 'gi_ant', 'huge'). Train "
        "on rows that hold them, or set features.unseen_categories to keep."
    )
    check_new_rows(table, model, options, "The test rows")
    for run in (scored_inputs, lambda rows, m: vectors(make_vectors(rows, m, "new.csv"))):
        with pytest.raises(Exception, match="USER_RAISED") as caught:
            run(strange.where("row_id = 1"), model)
        assert str(user_mistake(caught.value)).startswith(
            "new.csv: in the row with row_id 1 the column 'size' holds 'huge', a value that no"
        )
    with pytest.raises(Exception, match="USER_RAISED") as caught:
        scored_inputs(strange.withColumn("size", F.lit(None).cast("string")), model)
    assert "the column 'size' is empty" in str(user_mistake(caught.value))


def test_more_categories_than_float32_tells_apart_are_refused(
    table: DataFrame, parameters: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "LARGEST_INDEX", 4)
    assert failure(lambda: fit(table, chosen(parameters, missing="median"))) == (
        "The column 'the.town' has 5 categories, and an index of an embedding is at most 4: set a "
        "lower features.categories.max_categories."
    )
    fit(table, chosen(parameters))


def test_baselines_see_the_frequent_categories_one_hot(
    table: DataFrame, parameters: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_vectors(table, fit(table, chosen(parameters)), "The rows")
    monkeypatch.setattr("bank_spark_dl.ml.models.baselines.MOST_CATEGORIES", 3)
    found = vectors(baseline_features(made))
    assert found[0] == [1, 0, 0, 0, 1, 0]
    assert found[4][:3] == [0, 1, 0]
    assert found[9] == [0, 0, 0, *found[1][3:5], 9]
    assert found[10][:3] == [0, 0, 0]


def test_the_description_is_short_for_many_categories(
    spark: SparkSession, parameters: Parameters
) -> None:
    table = spark.range(20_000).selectExpr(
        "id AS row_id", "concat('t', id) AS `the.town`", "if(id % 2 = 0, 'a', 'b') AS size",
        "double(id) AS x", "if(id % 3 = 0, 'no', 'yes') AS y",
    )  # fmt: skip
    model = fit(table, chosen(parameters, max_categories=15_000))
    assert len(describe_stages(model)) < 1500
    made = make_vectors(table, model, "The rows")
    assert embedded_sizes(made) == [15_001, 3]
    assert len(made.schema.json()) < 1500
