import json
from typing import Any

import keras
import numpy as np
import pytest

from bank_spark_dl.ml.features.embedding import LARGEST_INDEX
from bank_spark_dl.ml.models.network import (
    build_network,
    summarize_network,
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


def test_dropout_is_the_same_for_all_members() -> None:
    model = members({"units": 50, "activation": "linear", "dropout": 0.5})
    dropout = model.get_layer("hidden_1_dropout")
    dropped = dropout(np.ones((4, 3, 50), "f4"), training=True).numpy() == 0
    assert (dropped == dropped[:, :1]).all()
    assert (dropped[0] != dropped[1]).any()
    assert 0.3 < dropped.mean() < 0.7
