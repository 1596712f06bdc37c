from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from tests.conftest import kept_frames

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.evaluation.figures import Figures
from bank_spark_dl.ml.evaluation.results import CrossValidation, FoldMeans
from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.ml.splits.folds import add_fold
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    CrossValidationOptions,
    LayerOptions,
    ModelOptions,
    Parameters,
)
from bank_spark_dl.pipelines.cross_validation.nodes import (
    compare_models,
    predict_out_of_fold,
)
from bank_spark_dl.pipelines.cross_validation.summary import mean_differences, mean_figures

MODELS = {"network", "decision_tree", "logistic_regression", "gradient_boosting"}
TARGET = Target("deposit", "binary", ("no", "yes"))
TWO = CrossValidationOptions(folds=2, seed=0)


def predict(
    rows: DataFrame, parameters: Parameters, baselines: BaselineOptions
) -> Iterator[tuple[DataFrame, Target]]:
    return predict_out_of_fold(
        rows,
        parameters.data,
        parameters.features,
        ModelOptions(
            layers=[LayerOptions(units=8, activation="relu")], output_activation="softmax"
        ),
        parameters.elephas.model_copy(update={"epochs": 2}),
        baselines,
        parameters.reporting.decision,
        TWO,
        seed=1,
    )


@pytest.fixture(scope="module")
def predictions(
    rows: DataFrame, parameters: Parameters, quick_baselines: BaselineOptions
) -> Iterator[DataFrame]:
    for found, target in predict(rows, parameters, quick_baselines):
        assert target == TARGET
        yield found.cache()


@pytest.fixture(scope="module")
def metrics(predictions: DataFrame) -> CrossValidation:
    return compare_models(predictions, TARGET, TWO, None)


def area_under_roc(part: pd.DataFrame) -> float:
    """The Mann-Whitney statistic: how often a positive row ranks above a negative one."""
    ranks, positive = part.probability.rank(), part.label_index == 1
    count = positive.sum()
    above = ranks[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (~positive).sum()))


def test_folds_are_stratified_and_disjoint(rows: DataFrame) -> None:
    dealt = add_fold(rows, "deposit", 4, seed=3)
    counts = dealt.groupBy("deposit", "__fold__").count().collect()
    for label in ("yes", "no"):
        sizes = [row["count"] for row in counts if row["deposit"] == label]
        assert len(sizes) == 4
        assert max(sizes) - min(sizes) <= 1


def test_rows_are_dealt_in_turn_by_their_hash(rows: DataFrame) -> None:
    """In one window over each class, which tasks could not share, it would be the same."""
    drawn = F.xxhash64(F.lit("fold"), F.lit(3), F.col("row_id"))
    in_turn = F.row_number().over(Window.partitionBy("deposit").orderBy(drawn, "row_id")) - 1
    dealt = add_fold(rows, "deposit", 4, seed=3).withColumn("expected", in_turn % 4)
    assert dealt.columns[:-2] == rows.columns
    assert dealt.where("__fold__ = expected").count() == rows.count()


@pytest.mark.parametrize("label", ["the.label", "*", "a`b", "__run__", "features"])
@pytest.mark.parametrize("kind", ["string", "boolean"])
def test_folds_of_a_label_of_any_name_and_type(rows: DataFrame, label: str, kind: str) -> None:
    carried = f"raw_{label}" if label in ("__run__", "features") else label
    named = rows.select(
        "row_id", F.col("age").alias("x.y"), (F.col("deposit") == "yes").cast(kind).alias(carried)
    )
    dealt = add_fold(named, label, 4, seed=3)
    assert dealt.columns == [*named.columns, "__fold__"]
    positive = F.col(f"`{carried.replace('`', '``')}`").cast("boolean")
    counts = dealt.groupBy(positive, "__fold__").count().collect()
    for value in (True, False):
        sizes = [row["count"] for row in counts if row[0] is value]
        assert len(sizes) == 4
        assert max(sizes) - min(sizes) <= 1


def test_a_class_smaller_than_the_folds_is_named(rows: DataFrame) -> None:
    few = rows.where("deposit = 'no'").union(rows.where("deposit = 'yes'").limit(3))
    with pytest.raises(InputDataError) as refused:
        add_fold(few, "deposit", 4, seed=0).count()
    assert str(refused.value) == (
        "The label 'deposit' is 'yes' in 3 rows only, and each of the 4 folds needs one. Give more "
        "rows of this class, or lower cross_validation.folds."
    )


def test_folds_depend_on_the_seed_and_not_on_partitions(rows: DataFrame) -> None:
    def folds(frame: DataFrame, seed: int) -> list[int]:
        return [
            row["__fold__"]
            for row in add_fold(frame, "deposit", 4, seed).orderBy("row_id").collect()
        ]

    assert folds(rows, 3) == folds(rows.repartition(5, "age"), 3)
    assert folds(rows, 3) != folds(rows, 4)


def test_each_model_predicts_each_row_once(rows: DataFrame, predictions: DataFrame) -> None:
    counts = predictions.groupBy("model", "row_id").count()
    assert counts.count() == len(MODELS) * rows.count()
    assert counts.where("count > 1").count() == 0
    assert {row["model"] for row in predictions.select("model").distinct().collect()} == MODELS
    labels = predictions.join(rows, "row_id").where(
        (F.col("label_index") == 1) != (F.col("deposit") == "yes")
    )
    assert labels.count() == 0


def test_a_row_is_predicted_by_models_that_never_saw_it(
    rows: DataFrame,
    parameters: Parameters,
    quick_baselines: BaselineOptions,
    predictions: DataFrame,
) -> None:
    """Another row changes what is predicted in the other folds, and nothing else in its own."""
    row_id = predictions.where("fold = 0").select(F.min("row_id")).first()[0]  # type: ignore[index]
    here = F.col("row_id") == row_id
    changed = rows.withColumn("balance", F.when(here, 90_000).otherwise(F.col("balance")))

    def probabilities(frame: DataFrame, fold: int) -> list[tuple[Any, ...]]:
        others = frame.where(~here & (F.col("fold") == fold))
        return [tuple(row) for row in others.orderBy("model", "row_id").collect()]

    before = kept_frames(rows.sparkSession)
    (again,) = (found.cache() for found, _ in predict(changed, parameters, quick_baselines))
    assert kept_frames(rows.sparkSession) == before
    assert probabilities(again, 0) == probabilities(predictions, 0)
    assert probabilities(again, 1) != probabilities(predictions, 1)


def test_the_fold_is_no_feature(rows: DataFrame, parameters: Parameters) -> None:
    columns = parameters.data.columns.model_copy(update={"numeric": "auto"})
    data = parameters.data.model_copy(update={"columns": columns})
    dealt = add_fold(rows, "deposit", 2, seed=0)
    split = FoldFeatures(0, data, parameters.features, 0.1, 1)(dealt)
    assert split.train.count() + split.held_out.count() == rows.count()
    assert split.train.first()["features"].size == 30  # type: ignore[index]


def test_figures_are_those_of_the_predictions(
    predictions: DataFrame, metrics: CrossValidation
) -> None:
    assert metrics.folds == 2
    assert metrics.seed == 0
    assert set(metrics.models) == MODELS
    table = predictions.where("model = 'network'").toPandas()
    folds = [part for _, part in table.groupby("fold")]
    expected = {
        "accuracy": [(part.prediction == part.label_index).mean() for part in folds],
        "auc": [area_under_roc(part) for part in folds],
        "log_loss": [
            -np.log(np.where(part.label_index == 1, part.probability, 1 - part.probability)).mean()
            for part in folds
        ],
    }
    for key, values in expected.items():
        mean = getattr(metrics.models["network"], key).mean
        assert mean == pytest.approx(sum(values) / 2)


def test_differences_are_paired_by_fold() -> None:
    def fold(auc: float) -> Figures:
        return Figures(10, 0.5, 0.5, auc, 0.7, 0.1, 0.2, ((5, 0), (5, 0)))

    network, tree = [fold(0.8), fold(0.9)], [fold(0.7), fold(0.8)]
    assert astuple(mean_differences(network, tree, FoldMeans).auc) == pytest.approx((0.1, 0.1, 0.1))
    wide = mean_figures(network, FoldMeans).auc
    assert wide.low < 0.8 < 0.9 < wide.high


def test_a_category_of_one_fold_only_is_refused_with_what_to_do(
    rows: DataFrame, parameters: Parameters, quick_baselines: BaselineOptions
) -> None:
    first = rows.select(F.min("row_id")).first()[0]  # type: ignore[index]
    odd = rows.withColumn("job", F.when(F.col("row_id") == first, "clown").otherwise(F.col("job")))
    with pytest.raises(InputDataError, match=r"The rows of fold . hold .*clown"):
        next(predict(odd, parameters, quick_baselines))


def test_numbers_are_dealt_as_one_class(rows: DataFrame) -> None:
    dealt = add_fold(rows, None, 4, seed=3)
    assert dealt.columns == [*rows.columns, "__fold__"]
    sizes = [row["count"] for row in dealt.groupBy("__fold__").count().collect()]
    assert sorted(sizes) == [150] * 4
    with pytest.raises(InputDataError, match="There are 3 rows only, and each of the 4 folds"):
        add_fold(rows.limit(3), None, 4, seed=3)


def test_many_classes_are_stratified_too(rows: DataFrame) -> None:
    named = rows.select("row_id", (F.monotonically_increasing_id() % 100).alias("kind")).cache()
    counts = add_fold(named, "kind", 2, seed=3).groupBy("kind", "__fold__").count().collect()
    assert len(counts) == 200
    assert {row["count"] for row in counts} == {3}


TASKS = {
    "multiclass": ("marital", "softmax", "categorical_crossentropy"),
    "regression": ("age", "linear", "mean_squared_error"),
}


@pytest.fixture(params=TASKS)
def of_task(
    request: pytest.FixtureRequest,
    rows: DataFrame,
    parameters: Parameters,
    quick_baselines: BaselineOptions,
) -> tuple[pd.DataFrame, Target]:
    """Predictions of a column of the bank's rows that is no yes or no."""
    label, activation, loss = TASKS[request.param]
    columns = parameters.data.columns.model_copy(
        update={
            "label": label,
            "positive": None,
            "categorical": ["housing"],
            "numeric": ["balance"],
        }
    )
    data = parameters.data.model_copy(update={"columns": columns, "task": request.param})
    layers = [LayerOptions(units=4, activation="relu")]
    found = predict_out_of_fold(
        rows,
        data,
        parameters.features,
        ModelOptions(layers=layers, output_activation=activation),
        parameters.elephas.model_copy(
            update={"epochs": 1, "loss": loss, "metrics": [], "calibration": "none"}
        ),
        quick_baselines,
        None,
        TWO,
        seed=1,
    )
    for predictions, target in found:
        return predictions.toPandas(), target
    raise AssertionError


def test_other_tasks_are_compared_with_their_own_baselines(
    of_task: tuple[pd.DataFrame, Target], spark: SparkSession
) -> None:
    table, target = of_task
    others = {
        "multiclass": {"decision_tree", "logistic_regression", "class_shares"},
        "regression": {"decision_tree", "linear_regression", "gradient_boosting", "mean"},
    }[target.task]
    metrics = compare_models(spark.createDataFrame(table), target, TWO, None)
    assert set(metrics.network_minus) == others
    network = table[table.model == "network"]
    right = network.prediction == network.label_index
    errors = (network.prediction - network.label_index) ** 2
    name, values = {
        "multiclass": ("accuracy", right.groupby(network.fold).mean()),
        "regression": ("rmse", errors.groupby(network.fold).mean() ** 0.5),
    }[target.task]
    assert getattr(metrics.models["network"], name).mean == pytest.approx(values.mean())
    assert len(network) == 600
