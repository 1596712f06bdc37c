import json
from typing import Any

import keras
import numpy as np
import pytest

from bank_spark_dl.ml.network import build_network, count_parameters, summarize_network
from bank_spark_dl.params import LayerOptions, ModelOptions, Parameters


def network(*layers: dict[str, Any], output: Any = "sigmoid", inputs: int = 4) -> Any:
    options = ModelOptions(
        layers=[LayerOptions(**layer) for layer in layers], output_activation=output
    )
    return keras.models.model_from_json(json.dumps(build_network(inputs, options)))


def test_the_articles_network_has_its_parameters(parameters: Parameters) -> None:
    description = build_network(30, parameters.model)
    assert count_parameters(description) == 74_242
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
