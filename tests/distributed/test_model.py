import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.evaluation import BinaryClassificationEvaluator, MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import (
    ElephasClassificationModel,
    ElephasClassifier,
    TrainingHistory,
)
from bank_spark_dl.errors import InputDataError, ParameterError
from tests.distributed.conftest import N_FEATURES

HISTORY = TrainingHistory(1, 1, 0, 1, 1, 0)


def make_model(config: str, seed: int = 3) -> ElephasClassificationModel:
    keras.utils.set_random_seed(seed)
    weights = keras.models.model_from_json(config).get_weights()
    return ElephasClassificationModel(config, weights, HISTORY, N_FEATURES)


def outputs_of(model: ElephasClassificationModel, rows: list[Any]) -> np.ndarray:
    network = keras.models.model_from_json(model.keras_model_json)
    network.set_weights(model.weights)
    return np.asarray(network(np.array([row["features"] for row in rows], "f4"), training=False))


def predictions(frame: DataFrame) -> list[Any]:
    return frame.orderBy("row_id").collect()


@pytest.mark.parametrize("name", ["network", "functional_network"])
def test_columns_mean_what_they_say(
    name: str, frame: DataFrame, request: pytest.FixtureRequest
) -> None:
    """Outputs of a chain NumPy knows, and of a graph Keras scores, equal Keras's own."""
    model = make_model(request.getfixturevalue(name))
    rows = model.transform(frame).collect()
    outputs = outputs_of(model, rows)
    positive = outputs[:, 1] / outputs.sum(axis=1) if outputs.shape[1] == 2 else outputs[:, 0]
    probability = np.array([row["probability"].toArray() for row in rows])
    np.testing.assert_allclose(probability[:, 1], positive, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    raw = np.array([row["rawPrediction"].toArray() for row in rows])
    np.testing.assert_allclose(raw, np.log(probability), rtol=1e-6)
    prediction = np.array([row["prediction"] for row in rows])
    np.testing.assert_array_equal(prediction, (probability[:, 1] > 0.5).astype(float))


def test_other_columns_pass_through_and_threshold_counts(frame: DataFrame, network: str) -> None:
    wide = frame.select("*", sf.col("features").alias("other.vector"), sf.lit(None).alias("empty"))
    model = make_model(network)
    scored = model.transform(wide, {model.threshold: 0.0})
    assert scored.columns == [*wide.columns, "rawPrediction", "probability", "prediction"]
    row = scored.first()
    assert row["other.vector"] == row["features"]
    assert row["prediction"] == 1.0


@pytest.mark.parametrize("value", [2.0, float("nan"), "x", None], ids=str)
@pytest.mark.usefixtures("spark")
def test_a_threshold_that_is_none_is_refused(value: Any, network: str) -> None:
    model = make_model(network)
    with pytest.raises(ParameterError, match="threshold must be"):
        model.copy({model.threshold: value})


@pytest.mark.parametrize("name", ["network", "functional_network"])
def test_scores_are_the_values_of_transform(
    name: str, frame: DataFrame, request: pytest.FixtureRequest
) -> None:
    model = make_model(request.getfixturevalue(name))
    scores = model.score(frame, "row_id", "label")
    assert scores.columns == ["row_id", "label", "probability", "prediction"]
    probability = vector_to_array("probability")[1].alias("probability")
    expected = model.transform(frame).select("row_id", "label", probability, "prediction")
    assert predictions(scores) == predictions(expected)


def test_spark_evaluates_and_cross_validates(frame: DataFrame, settings: dict[str, Any]) -> None:
    classifier = ElephasClassifier(**settings | {"num_workers": 1, "epochs": 1})
    grid = ParamGridBuilder().addGrid(classifier.epochs, [1, 4]).build()
    evaluator = BinaryClassificationEvaluator(labelCol="label")
    validator = CrossValidator(
        estimator=classifier, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, seed=1
    )
    best = validator.fit(frame)
    assert len(best.avgMetrics) == 2
    assert len(best.bestModel.history.rounds) in (1, 4)
    accuracy = MulticlassClassificationEvaluator(labelCol="label", metricName="accuracy")
    assert accuracy.evaluate(best.transform(frame)) > 0.5


@pytest.fixture(scope="module")
def saved(
    frame: DataFrame, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[PipelineModel, DataFrame, Path]:
    columns = [f"x{n}" for n in range(N_FEATURES)]
    values = vector_to_array("features")
    raw = frame.select("row_id", "label", *(values[n].alias(c) for n, c in enumerate(columns)))
    stages = [
        VectorAssembler(inputCols=columns, outputCol="features"),
        ElephasClassifier(**settings | {"num_workers": 1, "threshold": 0.4}),
    ]
    model = Pipeline(stages=stages).fit(raw)
    path = tmp_path_factory.mktemp("saved") / "model"
    model.write().overwrite().save(str(path))
    return model, raw, path


def test_loaded_pipeline_predicts_the_same(saved: tuple[PipelineModel, DataFrame, Path]) -> None:
    model, raw, path = saved
    loaded = PipelineModel.load(str(path))
    assert predictions(loaded.transform(raw)) == predictions(model.transform(raw))
    assert loaded.stages[-1].history == model.stages[-1].history
    assert loaded.stages[-1].getThreshold() == 0.4


def test_new_process_predicts_the_same_without_tensorflow(
    saved: tuple[PipelineModel, DataFrame, Path], tmp_path: Path
) -> None:
    model, raw, path = saved
    raw.write.parquet(str(tmp_path / "rows"))
    program = f"""
import sys
from pyspark.ml import PipelineModel
from bank_spark_dl.spark.session import start_spark
spark = start_spark({{"spark.master": "local[1]", "spark.ui.enabled": "false"}})
model = PipelineModel.load({str(path)!r})
model.transform(spark.read.parquet({str(tmp_path / "rows")!r})).select(
    "row_id", "prediction", "probability").write.parquet({str(tmp_path / "scored")!r})
assert "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    scored = raw.sparkSession.read.parquet(str(tmp_path / "scored"))
    here = model.transform(raw).select("row_id", "prediction", "probability")
    assert predictions(scored) == predictions(here)


@pytest.mark.parametrize("file", ["weights.npz", "network.json"])
def test_changed_file_is_refused(
    saved: tuple[PipelineModel, DataFrame, Path], tmp_path: Path, file: str
) -> None:
    path = tmp_path / "model"
    saved[0].stages[-1].write().save(str(path))
    content = bytearray((path / file).read_bytes())
    content[len(content) // 2] ^= 1
    (path / file).write_bytes(content)
    (path / f".{file}.crc").unlink()
    with pytest.raises(InputDataError, match=f"{file} is not what was saved"):
        ElephasClassificationModel.load(str(path))


def test_other_weights_are_refused(
    saved: tuple[PipelineModel, DataFrame, Path], tmp_path: Path
) -> None:
    """A whole file, but not the one that was saved."""
    path = tmp_path / "model"
    saved[0].stages[-1].write().save(str(path))
    with np.load(path / "weights.npz") as archive:
        weights = {name: archive[name] + 1 for name in archive}
    (path / ".weights.npz.crc").unlink()
    np.savez(path / "weights.npz", **weights)
    with pytest.raises(InputDataError, match=r"weights\.npz is not what was saved"):
        ElephasClassificationModel.load(str(path))


def test_estimator_keeps_its_settings_when_saved(settings: dict[str, Any], tmp_path: Path) -> None:
    classifier = ElephasClassifier(**settings | {"class_weights": {0: 1, 1: 2}})
    classifier.save(str(tmp_path / "estimator"))
    loaded = ElephasClassifier.load(str(tmp_path / "estimator"))
    assert loaded.config() == classifier.config()
