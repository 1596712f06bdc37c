import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.distributed.inference.probability import positive_probability
from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.ml.features.embedding import LARGEST_INDEX
from bank_spark_dl.ml.models.network import (
    build_network,
    summarize_network,
    with_weights,
)
from bank_spark_dl.parameters import LayerOptions, ModelOptions, Parameters


def network(*layers: dict[str, Any], output: Any = "sigmoid", inputs: int = 4) -> Any:
    options = ModelOptions(
        layers=[LayerOptions(**layer) for layer in layers], output_activation=output
    )
    return keras.models.model_from_json(json.dumps(build_network(inputs, options)))


def test_the_articles_network_has_its_parameters(parameters: Parameters) -> None:
    description = build_network(30, parameters.model)
    assert "74,242" in summarize_network(description)


def test_it_has_two_outputs_in_the_unit_interval() -> None:
    outputs = network({"units": 8, "activation": "tanh"})(np.ones((5, 4), "float32")).numpy()
    assert outputs.shape == (5, 2)
    assert ((outputs > 0) & (outputs < 1)).all()


def test_softmax_outputs_add_up_to_one() -> None:
    outputs = network(output="softmax")(np.ones((5, 4), "float32")).numpy()
    assert outputs.sum(axis=1) == pytest.approx(1.0)


def test_without_hidden_layers_it_is_a_linear_model() -> None:
    assert network().count_params() == 4 * 2 + 2


def test_the_activity_penalty_sees_the_output_before_the_activation() -> None:
    model = network({"units": 3, "activation": "relu", "activity_l2": 0.5})
    rows = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    model(rows)
    kernel, bias = model.layers[0].get_weights()
    linear = rows @ kernel + bias
    assert (linear < 0).any()
    assert float(sum(model.losses)) == pytest.approx(0.5 * float((linear**2).sum()) / 6, rel=1e-5)


def test_the_weight_penalty_is_of_the_kernel() -> None:
    model = network({"units": 3, "activation": "relu", "kernel_l2": 0.1})
    kernel = model.layers[0].get_weights()[0]
    assert float(sum(model.losses)) == pytest.approx(0.1 * float((kernel**2).sum()), rel=1e-5)


def test_dropout_and_normalization_stand_where_they_should() -> None:
    model = network(
        {"units": 3, "activation": "relu", "dropout": 0.25, "batch_normalization": True}
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "BatchNormalization", "Activation", "Dropout", "Dense"]
    assert model.layers[3].rate == 0.25


def members(*layers: dict[str, Any]) -> Any:
    options = ModelOptions(
        layers=[LayerOptions(**layer) for layer in layers], output_activation="softmax", members=3
    )
    keras.utils.set_random_seed(1)
    return keras.models.model_from_json(json.dumps(build_network(4, options)))


def test_members_share_their_matrices() -> None:
    model = members({"units": 5, "activation": "relu"}, {"units": 6, "activation": "relu"})
    around = 3 * (4 + 5 + 5) + 3 * (5 + 6 + 6)  # r, s and b of each member and layer
    assert model.count_params() == 4 * 5 + 5 * 6 + around + 3 * (6 * 2 + 2)
    outputs = model(np.ones((2, 4), "float32")).numpy()
    assert outputs.shape == (2, 3, 2)
    assert outputs.sum(axis=-1) == pytest.approx(1.0)


def test_members_differ_from_the_start_and_in_their_first_scaling_only() -> None:
    model = members({"units": 5, "activation": "relu"})
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    drawn = weights["hidden_1_in"][0]
    assert len(np.unique(drawn, axis=0)) == 3
    assert (weights["hidden_1_out"][0] == 1).all()
    linear = (np.ones((1, 3, 4)) * drawn) @ weights["hidden_1"][0]
    heads, bias = weights["classes"]
    logits = np.einsum("bkd,kdo->bko", np.maximum(linear, 0), heads) + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(model(np.ones((1, 4), "f4")), expected, rtol=1e-4)


def test_members_have_the_same_penalties() -> None:
    kernel = members({"units": 3, "activation": "relu", "kernel_l2": 0.1})
    matrix = kernel.get_layer("hidden_1").get_weights()[0]
    assert float(sum(kernel.losses)) == pytest.approx(0.1 * float((matrix**2).sum()), rel=1e-5)
    activity = members({"units": 3, "activation": "relu", "activity_l2": 0.1})
    activity(np.ones((2, 4), "f4"))
    assert float(sum(activity.losses)) > 0


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


def embedded(sizes: list[int], inputs: int = 4, count: int = 1) -> Any:
    layers = [LayerOptions(units=3, activation="relu")]
    options = ModelOptions(layers=layers, output_activation="softmax", members=count)
    keras.utils.set_random_seed(1)
    return keras.models.model_from_json(json.dumps(build_network(inputs, options, sizes)))


@pytest.mark.parametrize("count", [1, 3])
def test_indices_are_looked_up_and_other_inputs_stay(count: int) -> None:
    model = embedded([5, 100_001], count=count)
    tables = [model.get_layer(f"embedding_{n}").get_weights()[0] for n in (1, 2)]
    assert [table.shape for table in tables] == [(5, 2), (100_001, 18)]
    joined = keras.Model(model.inputs, model.get_layer("inputs").output)
    rows = np.float32([[4, 100_000, 0.5, -7], [0, 2**16, 1e9, 0]])
    expected = [
        [*tables[0][int(a)], *tables[1][int(b)], *others] for a, b, *others in rows.tolist()
    ]
    np.testing.assert_array_equal(joined.predict(rows, verbose=0), np.float32(expected))
    assert model(rows).shape == ((2, 2) if count == 1 else (2, 3, 2))


def test_a_single_index_may_be_the_only_input() -> None:
    model = embedded([5], inputs=1)
    assert model(np.float32([[4], [0]])).shape == (2, 2)


def test_the_largest_index_is_exact() -> None:
    assert int(np.float32(LARGEST_INDEX)) == LARGEST_INDEX
    assert int(np.float32(LARGEST_INDEX + 2)) != LARGEST_INDEX + 2


def test_a_network_with_embeddings_is_saved_without_code(tmp_path: Path) -> None:
    options = ModelOptions(layers=[], output_activation="softmax", members=1)
    description = build_network(4, options, [5, 9])
    refuse_code(json.dumps(description), "the test")
    weights = keras.models.model_from_json(json.dumps(description)).get_weights()
    rows = np.float32([[4, 8, 0.5, -7], [0, 3, 1, 0]])
    stated = stated_by_keras(description, weights, Calibration(), rows, tmp_path)
    assert stated[0] != stated[1]
