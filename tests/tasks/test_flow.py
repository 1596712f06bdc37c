"""Many classes and numbers from raw rows to scores, as the pipelines do it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.datasets import SparkModelDataset
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features.fit import FittedFeatures, fit_feature_model
from bank_spark_dl.parameters import LayerOptions, ModelOptions, Parameters
from bank_spark_dl.pipelines.modeling.nodes import (
    assemble_scoring_model,
    choose_threshold,
    design_network,
    export_keras_model,
    predict_rows,
    train_network,
)
from bank_spark_dl.pipelines.scoring.nodes import score_rows
from feature_steps import Settings, make, settings

CLASSES = "element_at(array('low', 'New York', 'high'), int(1 + id % 3))"
KINDS = {
    "multiclass": (f"{CLASSES} AS y", "softmax", "categorical_crossentropy", "temperature"),
    "regression": ("1000 + 50D * (id % 3) + id % 2 AS y", "linear", "huber", "none"),
    "counts": ("double(id % 3 * (4 + id % 2)) AS y", "exponential", "poisson", "none"),
}


class Flow(NamedTuple):
    rows: DataFrame
    fitted: FittedFeatures
    features: DataFrame
    network: dict[str, Any]
    model: PipelineModel
    record: Any


def options(parameters: Parameters, task: str) -> tuple[Settings, ModelOptions, Any]:
    _, activation, loss, calibration = KINDS[task]
    chosen = settings(
        parameters,
        columns={"categorical": [], "numeric": ["x", "z"], "positive": None},
        skew={"statistic": "kurtosis", "lower": 0.0, "upper": 0.0},
        standardize={"with_mean": True, "with_std": True},
    )
    model = ModelOptions(
        layers=[LayerOptions(units=16, activation="relu")], output_activation=activation
    )
    metrics = ["acc"] if task == "multiclass" else ["mae"]
    changes = {"epochs": 8, "loss": loss, "calibration": calibration, "metrics": metrics}
    return chosen, model, parameters.elephas.model_copy(update=changes | {"batch_size": 16})


@pytest.fixture(scope="module", params=list(KINDS))
def flow(
    request: pytest.FixtureRequest,
    spark: SparkSession,
    parameters: Parameters,
    tmp_path_factory: pytest.TempPathFactory,
) -> Flow:
    columns = ("id AS row_id", "double(id % 3) AS x", "id % 7 AS z", KINDS[request.param][0])
    rows = spark.range(240).selectExpr(*columns)
    chosen, model, elephas = options(parameters, request.param)
    fitted = fit_feature_model(rows, *chosen)
    features = make(rows, rows, fitted, chosen)[0].cache()
    target = fitted.target
    network = design_network(features, fitted.model, target, model, elephas, None)
    folder = str(tmp_path_factory.mktemp("results"))
    trained = train_network(features, network, target, elephas, None, 3, folder)
    return Flow(
        rows, fitted, features, network, *choose_threshold(trained, target, 0.5, None, None)
    )


def test_the_label_decides_the_task(flow: Flow) -> None:
    target = flow.fitted.target
    classes = ("New York", "high", "low") if target.task == "multiclass" else ()
    assert target.classes == classes
    assert flow.network["config"]["layers"][-1]["config"]["units"] == target.outputs
    assert (flow.record.threshold, flow.record.baseline_threshold) == (None, None)


def test_predictions_are_better_than_the_floor_and_exported_alike(flow: Flow) -> None:
    target = flow.fitted.target
    predictions, _ = predict_rows(flow.model, flow.features, flow.features, target)
    found = predictions.join(flow.features.select("row_id", "features"), "row_id").collect()
    vectors = np.array([row["features"].toArray() for row in found], dtype=np.float32)
    exported = export_keras_model(flow.network, flow.model, target).predict(vectors, verbose=0)
    if target.classes:
        np.testing.assert_allclose(
            exported, [row["probability"] for row in found], rtol=1e-3, atol=1e-30
        )
        assert np.mean([row["prediction"] == row["label_index"] for row in found]) > 0.8
        return
    np.testing.assert_allclose(exported[:, 0], [row["prediction"] for row in found], rtol=1e-5)
    errors = np.array([row["prediction"] - row["label_index"] for row in found])
    assert np.sqrt(np.mean(errors**2)) < np.std([row["label_index"] for row in found]) / 2


def test_a_saved_scoring_model_scores_rows_in_the_words_of_the_data(
    flow: Flow, tmp_path: Path
) -> None:
    target = flow.fitted.target
    model = assemble_scoring_model(flow.fitted.model, flow.model, target)
    dataset = SparkModelDataset(filepath=str(tmp_path / "scoring.model"))
    dataset.save(model)
    loaded = dataset.load()
    raw = flow.rows.drop("y").withColumnRenamed("row_id", "key")
    scores = score_rows(raw, loaded, "key", "new.csv")
    expected, _ = predict_rows(flow.model, flow.features, flow.features, target)
    both = scores.join(expected.selectExpr("row_id", "prediction AS known"), "row_id")
    if not target.classes:
        assert scores.columns == ["row_id", "prediction"]
        assert both.where("prediction != known").isEmpty()
        return
    columns = [f"probability_{name}" for name in target.classes]
    assert scores.columns == ["row_id", "probability", "prediction", *columns]
    names = F.array(*map(F.lit, target.classes))
    assert both.where(names[F.col("known").cast("int")] != F.col("prediction")).isEmpty()
    most = F.greatest(*(F.col(f"`{name}`") for name in columns))
    assert scores.where(most != F.col("probability")).isEmpty()
    named = loaded.transform(flow.rows.drop("y")).select("predicted_class").distinct()
    assert {row[0] for row in named.collect()} <= set(target.classes)


def test_parameters_of_another_task_are_refused(flow: Flow, parameters: Parameters) -> None:
    target = flow.fitted.target
    parts = parameters.model, parameters.elephas, None
    with pytest.raises(ParameterError) as refused:
        design_network(flow.features, flow.fitted.model, target, *parts)
    assert str(refused.value).startswith(f"By the label 'y' the task is {target.task}: set ")
