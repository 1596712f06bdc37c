"""A column of weights weighs rows in training, and is nothing else."""

import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.models.baselines import fit_baseline
from bank_spark_dl.ml.models.row_arguments import training_columns
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.parameters import BaselineOptions, DataOptions, Parameters
from bank_spark_dl.pipelines.data_processing.nodes import check_rows
from bank_spark_dl.pipelines.feature_engineering.nodes import profile_train_rows
from bank_spark_dl.tasks import task_named
from feature_steps import Settings, make, settings


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    columns = (
        "id AS row_id",
        "double(id % 7) AS x",
        "id % 4 AS w",
        "IF(id % 3 > 1, 'yes', 'no') y",
    )
    return spark.range(60).selectExpr(*columns).cache()


@pytest.fixture(scope="module")
def chosen(parameters: Parameters) -> Settings:
    data, features = settings(parameters, columns={"categorical": "auto", "numeric": "auto"})
    return data.model_copy(update={"weight": "w"}), features


def test_vectors_carry_it_and_the_network_does_not_see_it(
    rows: DataFrame, chosen: Settings
) -> None:
    fitted = fit_feature_model(rows, *chosen)
    assert fitted.input_columns.numeric == ("x",)
    assert fitted.input_columns.left_out == {"w": "it weighs the row"}
    train, test = make(rows, rows, fitted, chosen)
    weights = [row["weight"] for row in train.orderBy("row_id").collect()]
    assert weights == [float(n % 4) for n in range(60)]
    assert training_columns(train, 0.1) == {"weightCol": "weight"}
    assert [row["weight"] for row in test.orderBy("row_id").collect()] == weights
    assert list(profile_train_rows(rows, chosen[0])) == ["x"]


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ("-1.0", "is -1.0 in the row 7, and weights are finite numbers of 0 or more. Correct it, "),
        ("CAST('NaN' AS DOUBLE)", "is nan in the row 7, and weights are finite numbers"),
        ("NULL", "is empty in the row 7, and weights are finite numbers of 0 or more."),
        (None, "is 0 in all rows. Name another column, or null."),
    ],
)
def test_weights_of_test_rows_are_checked_too(
    rows: DataFrame, chosen: Settings, weight: str | None, said: str
) -> None:
    wrong = f"IF(row_id = 7, {weight}, w)" if weight else "0"
    test = rows.withColumn("w", F.expr(wrong))
    fitted = fit_feature_model(rows, *chosen)
    with pytest.raises(InputDataError) as refused:
        make(rows, test, fitted, chosen)
    assert str(refused.value).startswith(f"The test rows: the column 'w' of data.weight {said}")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_baselines_weigh_rows_as_if_they_stood_there_more_often(
    spark: SparkSession, quick_baselines: BaselineOptions, task: str
) -> None:
    vectors = [(n, float(n * n % 3), 1.0 + n % 2, Vectors.dense([n % 5, n % 2])) for n in range(40)]
    frame = spark.createDataFrame(vectors, ["row_id", "label_index", "weight", "features"])
    if task == "binary":
        frame = frame.selectExpr("row_id", "label_index % 2 label_index", "weight", "features")
    repeated = frame.unionByName(frame.where("weight = 2")).drop("weight")
    chosen = task_named(task)
    for name, model in chosen.baselines(quick_baselines, 1).items():
        found, expected = (
            chosen.predictions(fit_baseline(model, rows).transform(frame)).orderBy("row_id")
            for rows in (frame, repeated)
        )
        key = "prediction" if task == "regression" else "probability"
        for one, other in zip(found.collect(), expected.collect(), strict=True):
            assert one[key] == pytest.approx(other[key], abs=1e-6), name


def test_the_networks_estimator_gets_it(spark: SparkSession, parameters: Parameters) -> None:
    columns = {"weightCol": "weight"}
    for task in ("binary", "multiclass", "regression"):
        options = parameters.elephas.model_copy(update={"calibration": "none"})
        estimator = task_named(task).estimator({}, options, None, 1, columns)
        assert estimator.getOrDefault("weightCol") == "weight"


def test_it_must_be_there_and_have_no_other_role(rows: DataFrame, chosen: Settings) -> None:
    absent = chosen[0].model_copy(update={"weight": "v"})
    with pytest.raises(ParameterError) as refused:
        check_rows(rows.drop("row_id"), RawSource("t.csv", "", synthetic=False), absent)
    assert str(refused.value) == (
        "data.weight is v, but t.csv has the columns x, w, y: name one of them, or null."
    )
    raw = chosen[0].model_dump()
    with pytest.raises(ValueError, match=r"weight is y, which data\.columns names too: a column"):
        DataOptions.model_validate(raw | {"weight": "y"})
