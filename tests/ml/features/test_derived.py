from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features import derived
from bank_spark_dl.ml.features.derived import fit_derived
from bank_spark_dl.ml.features.sql_stages import add_source, apply_stages
from bank_spark_dl.parameters import FeatureOptions, Parameters


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(1, "may", 5), (2, "may", 5), (3, "jun", 5), (4, "it's \\ odd", None)]
    frame = spark.createDataFrame(rows, "row_id int, month string, day int")
    return add_source(frame, F.lit("The rows"))


@pytest.fixture(scope="module")
def base(parameters: Parameters) -> FeatureOptions:
    return parameters.features


def options(base: FeatureOptions, **changes: Any) -> FeatureOptions:
    return base.model_copy(update=changes)


def column(frame: DataFrame, name: str) -> list[Any]:
    return [row[name] for row in frame.orderBy("row_id").collect()]


def test_an_expression_may_use_those_before_it(base: FeatureOptions, table: DataFrame) -> None:
    stages = fit_derived(table, options(base, derived={"next": "day + 1", "after": "next + 1"}))
    assert column(apply_stages(table, stages), "after") == [7, 7, 7, None]


def test_counts_are_of_the_rows_they_were_fitted_on(
    base: FeatureOptions, table: DataFrame, spark: SparkSession
) -> None:
    stages = fit_derived(table, options(base, counts={"alike": ["month", "day"]}))
    assert column(apply_stages(table, stages), "alike") == [2, 2, 1, 1]
    others = spark.createDataFrame([(1, "may", 5, ""), (2, "may", 6, "")], table.schema)
    assert column(apply_stages(others, stages), "alike") == [2, 0]


def test_counts_may_be_of_a_derived_column(base: FeatureOptions, table: DataFrame) -> None:
    wanted = options(base, derived={"odd": "row_id % 2"}, counts={"alike": ["odd"]})
    assert column(apply_stages(table, fit_derived(table, wanted)), "alike") == [2, 2, 2, 2]


def test_saved_stages_need_no_train_rows(
    base: FeatureOptions, table: DataFrame, tmp_path: Any
) -> None:
    stages = fit_derived(table, options(base, counts={"alike": ["month"]}))
    PipelineModel(stages).write().save(str(tmp_path / "stages"))
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    assert column(loaded.transform(table), "alike") == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"derived": {"x": "dya + 1"}}, "features.derived.x: .*`dya`", id="column"),
        pytest.param({"derived": {"x": "day +"}}, "features.derived.x: .*yntax", id="syntax"),
        pytest.param({"derived": {"day": "1"}}, "has a column day already", id="taken"),
        pytest.param({"counts": {"day": ["month"]}}, "has a column day already", id="taken count"),
        pytest.param({"counts": {"x": ["dya"]}}, "counts.x: there is no column dya", id="missing"),
    ],
)
def test_mistakes_are_named(
    base: FeatureOptions, table: DataFrame, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        fit_derived(table, options(base, **changes))


def test_no_value_is_taken_for_a_part_of_the_statement(
    base: FeatureOptions, spark: SparkSession
) -> None:
    texts = ["__THIS__", "${env:HOME}", "a|b", "it's"]
    frame = spark.createDataFrame(
        [(n, text) for n, text in enumerate(texts)], "row_id int, t string"
    ).transform(add_source, F.lit("The rows"))
    stages = fit_derived(frame, options(base, counts={"alike": ["t"]}))
    assert column(apply_stages(frame, stages), "alike") == [1, 1, 1, 1]


def test_a_comment_ends_with_its_line(base: FeatureOptions, table: DataFrame) -> None:
    stages = fit_derived(table, options(base, derived={"next": "row_id + 1 -- the next"}))
    assert column(apply_stages(table, stages), "next") == [2, 3, 4, 5]


def test_too_many_groups_are_refused(
    base: FeatureOptions, table: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "MOST_GROUPS", 2)
    with pytest.raises(ParameterError, match="month have more than 2 combinations"):
        fit_derived(table, options(base, counts={"alike": ["month"]}))
