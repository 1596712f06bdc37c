"""Baselines, floors and predictions of each task."""

import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession

from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import BaselineOptions
from bank_spark_dl.tasks import task_named

LABELS = {"binary": 2, "multiclass": 3, "regression": 7}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """60 vectors whose second value is the row's number modulo 7."""
    vectors = [(n, Vectors.dense([1.0 * (n % 2), n % 7])) for n in range(60)]
    return spark.createDataFrame(vectors, ["row_id", "features"]).cache()


def labelled(rows: DataFrame, task: str) -> DataFrame:
    return rows.selectExpr("*", f"double(row_id % {LABELS[task]}) AS label_index")


def predicted(rows: DataFrame, task: str, name: str, options: BaselineOptions) -> DataFrame:
    known = labelled(rows, task)
    model = task_named(task).baselines(options, 1)[name].fit(known)
    return task_named(task).predictions(model.transform(known)).orderBy("row_id")


@pytest.mark.parametrize(
    ("task", "names", "boosting"),
    [
        ("binary", ["decision_tree", "logistic_regression"], ["gradient_boosting"]),
        ("multiclass", ["decision_tree", "logistic_regression", "class_shares"], []),
        ("regression", ["decision_tree", "linear_regression", "mean"], ["gradient_boosting"]),
    ],
)
def test_each_task_has_its_baselines(
    spark: SparkSession,
    quick_baselines: BaselineOptions,
    task: str,
    names: list[str],
    boosting: list[str],
) -> None:
    chosen = task_named(task)
    assert chosen.name == task
    assert list(chosen.baselines(quick_baselines, 1)) == names
    assert chosen.linear in names
    assert list(chosen.boosting(quick_baselines.gradient_boosting, 1)) == boosting


@pytest.mark.parametrize("task", list(LABELS))
def test_predictions_have_the_columns_of_their_task(
    rows: DataFrame, quick_baselines: BaselineOptions, task: str
) -> None:
    found = predicted(rows, task, "decision_tree", quick_baselines)
    assert found.dtypes == [("row_id", "bigint"), *task_named(task).predicted]
    assert found.count() == rows.count()


def test_the_floor_knows_the_train_rows_labels_alone(
    rows: DataFrame, quick_baselines: BaselineOptions
) -> None:
    shares = predicted(rows, "multiclass", "class_shares", quick_baselines).collect()
    for row in shares:
        assert row["probability"] == pytest.approx([1 / 3] * 3)
    assert {row["prediction"] for row in shares} == {0.0}
    means = predicted(rows, "regression", "mean", quick_baselines).collect()
    mean = sum(n % 7 for n in range(60)) / 60
    assert [row["prediction"] for row in means] == pytest.approx([mean] * 60)


def test_linear_models_of_numbers_find_a_line(
    rows: DataFrame, quick_baselines: BaselineOptions
) -> None:
    found = predicted(rows, "regression", "linear_regression", quick_baselines)
    assert [row["prediction"] for row in found.collect()] == pytest.approx(
        [n % 7 for n in range(60)]
    )


def test_only_many_classes_have_names_behind_the_network(spark: SparkSession) -> None:
    target = Target("y", "multiclass", ("a", "b", "c"))
    (names,) = task_named("multiclass").scoring_stages(target)
    assert (names.getInputCol(), names.getLabels()) == ("prediction", ["a", "b", "c"])
    assert task_named("binary").scoring_stages(target) == []
    assert task_named("regression").scoring_stages(target) == []
