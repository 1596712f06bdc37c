import keras
import numpy as np
import pytest

from bank_spark_dl.distributed.forward import ACTIVATIONS, numpy_steps, sigmoid


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
