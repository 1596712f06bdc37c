"""What is said when something else lies where a model should; models of old."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import Binarizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from tests.distributed.test_model import HISTORY, make_model

from bank_spark_dl.distributed import ElephasClassificationModel, ElephasClassifier
from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.errors import InputDataError, ParameterError

load = ElephasClassificationModel.load


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda net: ElephasClassifier(keras_model_config=net), id="ElephasClassifier"),
        pytest.param(lambda net: PipelineModel([make_model(net)]), id="PipelineModel"),
        pytest.param(lambda net: Binarizer(inputCol="a", outputCol="b"), id="Binarizer"),
    ],
)
@pytest.mark.usefixtures("spark")
def test_something_else_is_named(
    other: Any, network: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path, kind = str(tmp_path / "it"), request.node.callspec.id
    other(network).write().save(path)
    with pytest.raises(InputDataError) as caught:
        load(path)
    assert f"At {path} lies a saved {kind}, not an ElephasClassificationModel" in str(caught.value)
    assert f"load it with {kind}.load" in str(caught.value)


@pytest.mark.usefixtures("spark")
def test_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    for path in (tmp_path / "nothing", tmp_path, tmp_path / "file"):
        with pytest.raises(InputDataError, match=f"no saved ElephasClassificationModel at {path}"):
            load(str(path))


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("path", ["nosuch://x", "nosuch://x/y", None, ""], ids=str)
def test_a_path_that_spark_cannot_reach_is_named(path: Any, network: str) -> None:
    model = make_model(network)
    for use in (load, model.save, model.write().overwrite().save):
        with pytest.raises(ParameterError, match=repr(path)):
            use(path)


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("file", ["network.json", "weights.npz", "history.json", "metadata"])
def test_a_missing_part_is_named(file: str, network: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    make_model(network).save(str(path))
    if file == "metadata":
        for part in (path / file).glob("*part-*"):
            part.unlink()
        (path / file / "part-00000").write_text("no JSON")
    else:
        (path / file).unlink()
    with pytest.raises(InputDataError, match=f"model at {path} is damaged: {file} is not what"):
        load(str(path))


def rare_network() -> ElephasClassificationModel:
    """One feature, the log odds; probabilities down to 1e-12."""
    layer = keras.layers.Dense(1, activation="sigmoid")
    network = keras.Sequential([keras.Input((1,)), layer]).to_json()
    weights = [np.ones((1, 1), "f4"), np.zeros(1, "f4")]
    line = Calibration(1.387, -0.0204)
    return ElephasClassificationModel(network, weights, HISTORY, 1, line)


@pytest.fixture
def odds(spark: SparkSession) -> DataFrame:
    feature = sf.array((sf.col("id") / 10).alias("x"))
    return spark.range(-276, 277).select(sf.col("id").alias("row_id"), feature.alias("features"))


def test_rare_rows_are_not_tied(odds: DataFrame) -> None:
    scored = rare_network().score(odds, "row_id").orderBy("row_id").collect()
    steps = np.diff([row["probability"] for row in scored])
    assert (steps[:276] > 0).all(), f"{(steps == 0).sum()} ties"
    assert (steps >= 0).all()


def test_a_model_of_old_states_what_it_stated(odds: DataFrame, tmp_path: Path) -> None:
    """Commit 5de053f saved neither a clip nor a prior; it clipped at half a bin of 16,384."""
    path = str(tmp_path / "model")
    model = rare_network()
    model.save(path)
    (part,) = (tmp_path / "model/metadata").glob("part-*")
    metadata = json.loads(part.read_text())
    metadata["calibration"] = {"slope": 1.387, "intercept": -0.0204}
    metadata.pop("prior_shift", None)
    metadata["defaultParamMap"].pop("rowIdCol", None)
    part.write_text(json.dumps(metadata))
    part.with_name(f".{part.name}.crc").unlink()
    own = ElephasClassificationModel(model.keras_model_json, model.weights, HISTORY, 1)
    plain = own.score(odds, "row_id").withColumnRenamed("probability", "p")
    known = sf.least(sf.greatest(sf.col("p"), sf.lit(0.5 / 16_384)), sf.lit(1 - 0.5 / 16_384))
    log_odds = sf.log(known) - sf.log(1 - known)
    expected = plain.select(1 / (1 + sf.exp(-(log_odds * 1.387 + -0.0204)))).collect()
    found = load(path).score(odds, "row_id").select("probability").collect()
    assert [row[0] for row in found] == [row[0] for row in expected]
