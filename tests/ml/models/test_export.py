"""The exported Keras model states what the engine's model does."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.distributed.inference.probability import (
    class_probabilities,
    positive_probability,
    predicted_numbers,
    tempered,
)
from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.ml.models.export import keras_classifier, keras_regressor, with_weights
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.parameters import LayerOptions, ModelOptions

LINES = [Calibration(), Calibration(1.7, -0.4), Calibration(0.3, 2.0), Calibration(1.0, -2.2)]


def stated_by_keras(description: Any, weights: Any, line: Calibration, rows: Any, at: Path) -> Any:
    """Return the probability of label 1 by the exported network, saved and loaded."""
    path = at / "network.keras"
    with_weights(description, weights, line).save(path)
    outputs = keras.models.load_model(path, compile=False).predict(rows, verbose=0)
    assert outputs.shape == (len(rows), 2)
    assert outputs.sum(axis=1) == pytest.approx(1.0)
    return outputs[:, 1]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_a_saved_network_states_the_probabilities_of_the_engine(
    count: int, line: Calibration, activation: Any, tmp_path: Path
) -> None:
    """Also where outputs underflow: features are small and large."""
    layers = [LayerOptions(units=5, activation="relu")]
    options = ModelOptions(layers=layers, output_activation=activation, members=count)
    description = build_network(4, options)
    keras.utils.set_random_seed(5)
    plain = keras.models.model_from_json(json.dumps(description))
    rows = np.random.default_rng(1).normal(size=(200, 4)).astype("f4")
    rows *= np.repeat([1, 10, 100, 1e4], 50)[:, np.newaxis].astype("f4")
    expected = [line.calibrate(p) for p in positive_probability(plain(rows).numpy())]
    stated = stated_by_keras(description, plain.get_weights(), line, rows, tmp_path)
    np.testing.assert_allclose(stated, expected, rtol=2e-4, atol=1e-37)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("outputs", [1, 2])
def test_sigmoids_far_from_one_half_are_stated_alike(
    outputs: int, line: Calibration, tmp_path: Path
) -> None:
    """One feature, the log odds; both outputs of two underflow where it is -300 or less.

    Near 1 the last bit of a single sigmoid is its log odds: nothing is compared there.
    """
    keras.utils.set_random_seed(5)
    layers = [keras.Input((1,)), keras.layers.Dense(outputs, activation="sigmoid")]
    network = keras.Sequential(layers)
    weights = [np.linspace(1, 0.8, outputs).reshape(1, -1), np.zeros(outputs)]
    network.set_weights(weights)
    rows = np.concatenate([np.linspace(-27, 11, 77), [-1e4, -300, -60, 60, 300, 1e4]])
    rows = rows.reshape(-1, 1).astype("f4")
    expected = [line.calibrate(p) for p in positive_probability(network(rows).numpy())]
    stated = stated_by_keras(json.loads(network.to_json()), weights, line, rows, tmp_path)
    assert np.isfinite(stated).all()
    np.testing.assert_allclose(stated, expected, rtol=2e-4, atol=1e-37)


def test_a_prior_is_part_of_the_exported_network() -> None:
    description = build_network(4, ModelOptions(layers=[], output_activation="sigmoid"))
    weights = keras.models.model_from_json(json.dumps(description)).get_weights()
    rows = np.random.default_rng(1).normal(size=(6, 4)).astype("f4")
    line = Calibration(1.7, -0.4)
    moved = with_weights(description, weights, line, -1.3).predict(rows, verbose=0)
    same = with_weights(description, weights, Calibration(1.7, -1.7)).predict(rows, verbose=0)
    np.testing.assert_allclose(moved, same, rtol=1e-6)


def drawn(outputs: int, activation: Any, members: int) -> tuple[Any, Any, Any]:
    """Return a network with drawn weights, its description, and rows small and large."""
    options = ModelOptions(
        layers=[LayerOptions(units=5, activation="relu")],
        output_activation=activation,
        members=members,
    )
    description = build_network(4, options, (), outputs)
    keras.utils.set_random_seed(5)
    rows = np.random.default_rng(1).normal(size=(90, 4)).astype("f4")
    rows *= np.repeat([1, 10, 1e4], 30)[:, np.newaxis].astype("f4")
    return keras.models.model_from_json(json.dumps(description)), description, rows


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("slope", [1.0, 0.4, 2.5])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_many_classes_have_the_probabilities_of_the_engine(
    members: int, slope: float, activation: Any
) -> None:
    plain, description, rows = drawn(4, activation, members)
    expected = class_probabilities(plain(rows).numpy())
    if slope != 1.0:
        expected = tempered(expected, slope)
    exported = keras_classifier(description, plain.get_weights(), Calibration(slope))
    stated = exported.predict(rows, verbose=0)
    np.testing.assert_allclose(stated, expected, rtol=2e-4, atol=1e-30)


@pytest.mark.parametrize("members", [1, 3])
def test_a_number_is_in_the_units_of_the_label(members: int) -> None:
    plain, description, rows = drawn(1, "linear", members)
    expected = predicted_numbers(plain(rows).numpy()) * 3.5 - 20
    stated = keras_regressor(description, plain.get_weights(), -20.0, 3.5).predict(rows, verbose=0)
    assert stated.shape == (len(rows), 1)
    np.testing.assert_allclose(stated[:, 0], expected, rtol=1e-4, atol=1e-4)


def test_a_network_with_embeddings_is_saved_without_code(tmp_path: Path) -> None:
    options = ModelOptions(layers=[], output_activation="softmax", members=1)
    description = build_network(4, options, [5, 9])
    refuse_code(json.dumps(description), "the test")
    weights = keras.models.model_from_json(json.dumps(description)).get_weights()
    rows = np.float32([[4, 8, 0.5, -7], [0, 3, 1, 0]])
    stated = stated_by_keras(description, weights, Calibration(), rows, tmp_path)
    assert stated[0] != stated[1]
