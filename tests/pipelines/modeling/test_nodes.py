from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.datasets import KerasModelDataset
from bank_spark_dl.ml.evaluation.metrics import evaluate
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    ElephasOptions,
    LayerOptions,
    ModelOptions,
    Parameters,
)
from bank_spark_dl.pipelines.modeling.nodes import (
    assemble_scoring_model,
    choose_threshold,
    design_network,
    export_keras_model,
    predict_rows,
    train_baselines,
    train_network,
    train_without_leakage,
)

TARGET = Target("deposit", "binary", ("no", "yes"))
SMALL = ModelOptions(layers=[LayerOptions(units=4, activation="relu")], output_activation="sigmoid")


@pytest.fixture(scope="module")
def feature_model(rows: DataFrame, parameters: Parameters) -> PipelineModel:
    return fit_feature_model(rows, parameters.data, parameters.features).model


@pytest.fixture(scope="module")
def features(rows: DataFrame, feature_model: PipelineModel) -> Iterator[DataFrame]:
    frame = feature_model.transform(rows).select("row_id", "features", "label_index").cache()
    yield frame
    frame.unpersist()


@pytest.fixture(scope="module")
def network(
    features: DataFrame, feature_model: PipelineModel, parameters: Parameters
) -> dict[str, Any]:
    return design_network(
        features,
        feature_model,
        TARGET,
        SMALL,
        parameters.elephas,
        None,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def trained(
    features: DataFrame, network: dict[str, Any], parameters: Parameters, results: str
) -> tuple[PipelineModel, TrainingRecord]:
    options = parameters.elephas.model_copy(update={"epochs": 2})
    return train_and_choose(features, network, options, parameters, results)


def train_and_choose(
    features: DataFrame,
    network: dict[str, Any],
    options: ElephasOptions,
    parameters: Parameters,
    results: str,
    prior: float | None = None,
) -> tuple[PipelineModel, TrainingRecord]:
    model = train_network(features, network, TARGET, options, prior, 3, results)
    return choose_threshold(model, TARGET, options.threshold, parameters.reporting.decision, prior)


def with_threshold(threshold: float) -> TrainingRecord:
    """A history of which only the baselines' threshold matters."""
    return TrainingRecord(
        1, 1, 1, 1, 1, 1, inputs=1, parameters=1, threshold=0.5, baseline_threshold=threshold
    )


def test_marked_rows_validate(
    features: DataFrame, network: dict[str, Any], parameters: Parameters, results: str
) -> None:
    marked = features.withColumn("validation", F.col("row_id") % 4 == 0)
    wanted = marked.where("validation").count()
    options = parameters.elephas.model_copy(update={"epochs": 1})
    model, record = train_and_choose(marked, network, options, parameters, results)
    assert record.validation_rows == wanted != features.count() // 10
    assert model.transform(features).count() == features.count()


def test_the_optimal_threshold_is_where_a_call_pays(
    features: DataFrame, network: dict[str, Any], parameters: Parameters, results: str
) -> None:
    def threshold(call_cost: float) -> float:
        decision = parameters.reporting.decision.model_copy(update={"call_cost": call_cost})
        options = parameters.elephas.model_copy(update={"epochs": 3, "threshold": "optimal"})
        trained = train_network(features, network, TARGET, options, None, 3, f"{results}/t")
        model, history = choose_threshold(trained, TARGET, "optimal", decision, None)
        assert history.baseline_threshold == trained.stages[0].getThreshold() == 0.5
        scored = model.transform(features).select(
            vector_to_array(F.col("probability"))[1].alias("p"), "prediction"
        )
        assert scored.where((F.col("p") > history.threshold) != (F.col("prediction") > 0)).isEmpty()
        return history.threshold

    cheap, dear = threshold(0.8), threshold(72.0)  # of the 80 that a deposit brings
    assert cheap < dear


def test_without_the_leakage_column_a_model_is_worse(
    rows: DataFrame,
    parameters: Parameters,
    quick_baselines: BaselineOptions,
    features: DataFrame,
) -> None:
    parts = (parameters.features, quick_baselines, 3)
    history = with_threshold(0.3)
    blind, leakage = train_without_leakage(rows, rows, history, TARGET, parameters.data, *parts)
    assert leakage == ["duration"]
    assert blind.where("(probability > 0.3) != (prediction = 1)").isEmpty()
    seeing = train_baselines(features, features, history, TARGET, quick_baselines, None, 3).where(
        "model = 'logistic_regression'"
    )
    assert evaluate(blind).auc < evaluate(seeing).auc - 0.02
    in_time = parameters.data.model_copy(update={"availability": {}})
    nothing, none = train_without_leakage(rows, rows, history, TARGET, in_time, *parts)
    assert (nothing.count(), none) == (0, [])
    assert nothing.columns == blind.columns
    only = parameters.data.columns.model_copy(update={"categorical": [], "numeric": ["duration"]})
    alone = parameters.data.model_copy(update={"columns": only})
    nothing, leakage = train_without_leakage(rows, rows, history, TARGET, alone, *parts)
    assert (nothing.count(), leakage) == (0, ["duration"])


def test_the_network_fits_the_vectors(features: DataFrame, network: dict[str, Any]) -> None:
    width = features.first()["features"].size
    assert network["config"]["layers"][0]["config"]["batch_shape"] == [None, width]


def test_the_history_says_what_was_trained(
    trained: tuple[PipelineModel, TrainingRecord], features: DataFrame
) -> None:
    history = trained[1]
    width = features.first()["features"].size
    assert history.inputs == width
    assert history.parameters == width * 4 + 4 + 4 * 2 + 2
    assert (history.epochs, history.num_workers, history.seed) == (2, 1, 3)
    assert len(history.rounds) == 2
    assert len(history.weights_sha256) == 64


def test_a_finished_training_is_resumed_without_training(
    trained: tuple[PipelineModel, TrainingRecord],
    features: DataFrame,
    network: dict[str, Any],
    parameters: Parameters,
    results: str,
) -> None:
    options = parameters.elephas.model_copy(update={"epochs": 2, "resume": True})
    _, again = train_and_choose(features, network, options, parameters, results)
    assert again.rounds == trained[1].rounds
    assert again.weights_sha256 == trained[1].weights_sha256


def test_the_exported_network_gives_the_same_probabilities(
    trained: tuple[PipelineModel, TrainingRecord],
    features: DataFrame,
    network: dict[str, Any],
    tmp_path: Path,
) -> None:
    dataset = KerasModelDataset(filepath=str(tmp_path / "models/network.keras"))
    assert not dataset.exists()
    dataset.save(export_keras_model(network, trained[0], TARGET))
    dataset.save(export_keras_model(network, trained[0], TARGET))
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["network.keras"]
    rows = (
        predict_rows(trained[0], features, features, TARGET)[0].join(features, "row_id").limit(50)
    )
    collected = rows.collect()
    vectors = np.array([row["features"].toArray() for row in collected], dtype=np.float32)
    outputs = dataset.load().predict(vectors, verbose=0)
    expected = [row["probability"] for row in collected]
    np.testing.assert_allclose(outputs[:, 1] / outputs.sum(axis=1), expected, rtol=1e-4)


def test_predictions_keep_their_rows(
    trained: tuple[PipelineModel, TrainingRecord], features: DataFrame
) -> None:
    train, test = predict_rows(trained[0], features, features.limit(10), TARGET)
    assert train.columns == ["row_id", "label_index", "probability", "prediction"]
    assert test.count() == 10
    expected = features.selectExpr("row_id", "label_index as expected")
    right = train.join(expected, "row_id").where("label_index = expected")
    assert right.count() == features.count()
    assert train.where("(probability >= 0.5) != (prediction = 1.0)").count() == 0
    assert train.where("probability < 0 or probability > 1").count() == 0


def test_baselines_predict_the_same_test_rows(
    features: DataFrame, quick_baselines: BaselineOptions
) -> None:
    predictions = train_baselines(
        features, features.limit(50), with_threshold(0.3), TARGET, quick_baselines, None, 1
    ).cache()
    counts = {row["model"]: row["count"] for row in predictions.groupBy("model").count().collect()}
    assert counts == {"decision_tree": 50, "logistic_regression": 50}
    # A configured threshold holds for all.
    assert predictions.where("(probability > 0.3) != (prediction = 1)").isEmpty()


def test_the_scoring_model_goes_from_raw_columns_to_probabilities(
    trained: tuple[PipelineModel, TrainingRecord],
    feature_model: PipelineModel,
    rows: DataFrame,
    features: DataFrame,
    tmp_path: Any,
) -> None:
    assemble_scoring_model(feature_model, trained[0], TARGET).write().save(
        str(tmp_path / "scoring")
    )
    loaded = PipelineModel.load(str(tmp_path / "scoring"))
    scored = loaded.transform(rows.drop("deposit")).select(
        "row_id", vector_to_array("probability")[1].alias("scored")
    )
    expected, _ = predict_rows(trained[0], features, features, TARGET)
    assert expected.join(scored, "row_id").where("scored = probability").count() == rows.count()


def test_a_prior_is_part_of_everything_that_states_a_probability(
    features: DataFrame,
    network: dict[str, Any],
    parameters: Parameters,
    quick_baselines: BaselineOptions,
    results: str,
) -> None:
    """Network, exported network, baselines: all with the odds of the rarer class."""
    prior, options = 0.1, parameters.elephas.model_copy(update={"epochs": 2})
    share = features.agg(F.mean("label_index")).first()[0]  # type: ignore[index]
    factor = prior / (1 - prior) * (1 - share) / share
    plain, rare = (
        train_and_choose(features, network, options, parameters, f"{results}/{p}", p)[0]
        for p in (None, prior)
    )
    both = odds(
        predict_rows(plain, features, features, TARGET)[0],
        predict_rows(rare, features, features, TARGET)[0],
    )
    np.testing.assert_allclose(both[1], both[0] * factor, rtol=1e-9)
    rows = features.orderBy("row_id").limit(50).collect()
    vectors = np.array([row["features"].toArray() for row in rows], dtype=np.float32)
    exported = export_keras_model(network, rare, TARGET).predict(vectors, verbose=0)
    np.testing.assert_allclose(exported[:, 1] / exported[:, 0], both[1][:50], rtol=1e-3)
    half = with_threshold(0.5)
    baselines = (
        train_baselines(features, features, half, TARGET, quick_baselines, p, 3).where(
            "model = 'logistic_regression'"
        )
        for p in (None, prior)
    )
    logistic = odds(*baselines)
    np.testing.assert_allclose(logistic[1], logistic[0] * factor, rtol=1e-6)


def odds(*predictions: DataFrame) -> list[np.ndarray]:
    probabilities = [
        np.array([row["probability"] for row in frame.orderBy("row_id").collect()])
        for frame in predictions
    ]
    return [p / (1 - p) for p in probabilities]
