import keras
import numpy as np
import pytest

from bank_spark_dl.distributed.inference.numpy_forward import (
    ACTIVATIONS,
    forward_pass,
    numpy_steps,
    sigmoid,
)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_activations_are_those_of_keras(activation: str) -> None:
    x = np.linspace(-90, 90, 720, dtype=np.float32).reshape(3, -1)
    expected = np.asarray(keras.activations.get(activation)(x))
    np.testing.assert_allclose(ACTIVATIONS[activation](x), expected, rtol=2e-5, atol=1e-7)


def test_sigmoid_stays_in_range() -> None:
    assert sigmoid(np.float32([-1e30, 1e30])).tolist() == [0.0, 1.0]


def test_unknown_layers_are_left_to_keras(functional_network: str) -> None:
    assert numpy_steps(functional_network, []) is None
    gelu = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="gelu")])
    assert numpy_steps(gelu.to_json(), gelu.get_weights()) is None


def test_rows_of_several_blocks_are_those_of_keras() -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.RepeatVector(3),
            layers.EinsumDense("bkd,kd->bkd", (3, 4), kernel_initializer="random_normal"),
            layers.Dense(6, use_bias=False),
            layers.EinsumDense("bkd,kd->bkd", (3, 6), bias_axes="kd", bias_initializer="ones"),
            layers.BatchNormalization(),
            layers.Activation("silu"),
            layers.Dropout(0.5),
            layers.EinsumDense("bkd,kdo->bko", (3, 2), bias_axes="ko", activation="softmax"),
        ]
    )
    rows = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
    assert numpy_steps(model.to_json(), model.get_weights()) is not None
    outputs = forward_pass(model.to_json(), model.get_weights())(rows)
    np.testing.assert_allclose(outputs, model.predict(rows, verbose=0), rtol=1e-4, atol=1e-6)


def test_no_rows_are_no_outputs() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    forward = forward_pass(model.to_json(), model.get_weights())
    assert forward(np.empty((0, 4), np.float32)).shape == (0, 2)
