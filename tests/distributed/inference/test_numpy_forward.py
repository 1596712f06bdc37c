import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bank_spark_dl.distributed.inference import exact_product
from bank_spark_dl.distributed.inference.numpy_forward import (
    ACTIVATIONS,
    forward_pass,
    numpy_steps,
    sigmoid,
)
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.parameters import LayerOptions, ModelOptions


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


@pytest.mark.parametrize("kind", ["dense", "one output", "members", "sequence"])
def test_a_rows_outputs_do_not_depend_on_the_rows_around_it(kind: str) -> None:
    """In any order, alone, or in batches of any size."""
    layers = keras.layers
    stack = {
        "dense": [layers.Dense(64, "relu"), layers.Dense(33, "silu"), layers.Dense(2, "softmax")],
        "one output": [layers.Dense(20, "tanh"), layers.Dense(1)],
        "members": [
            layers.RepeatVector(4),
            layers.EinsumDense("bki,kio->bko", (4, 16), activation="silu"),
            layers.EinsumDense("bki,kio->bko", (4, 2), activation="softmax"),
        ],
        "sequence": [
            layers.EinsumDense("bi,iko->bko", (4, 16), activation="relu"),
            layers.Dense(2, "softmax"),
        ],
    }[kind]
    model = keras.Sequential([keras.Input((30,)), *stack])
    rows = np.random.default_rng(1).normal(size=(600, 30)).astype(np.float32)
    forward = forward_pass(model.to_json(), model.get_weights())
    outputs = forward(rows)
    order = np.random.default_rng(2).permutation(len(rows))
    assert np.array_equal(forward(rows[order]), outputs[order])
    for first, last in ((0, 1), (599, 600), (3, 5), (7, 24), (100, 355), (1, 600)):
        assert np.array_equal(forward(rows[first:last]), outputs[first:last])


@pytest.mark.parametrize("depends", [False, True])
def test_rounded_float64_products_are_taken_where_float32_depends_on_the_place(
    monkeypatch: pytest.MonkeyPatch, depends: bool
) -> None:
    kernel, rows = np.float32([[1.0], [1e-9]]), np.float32([[1.0, 60.0]] * 16)
    monkeypatch.setattr(exact_product, "float32_depends_on_place", lambda: depends)
    product = exact_product.exact_product(np.matmul, kernel)(rows)
    assert product.dtype == np.float32
    assert product[0, 0] == (np.float32(1 + 6e-8) if depends else np.matmul(rows, kernel)[0, 0])


@pytest.mark.parametrize(("core", "depends"), [("Haswell", "True"), ("Sandybridge", "False")])
def test_it_is_known_which_kernels_depend_on_the_place(core: str, depends: str) -> None:
    asked = f"from {exact_product.__name__} import float32_depends_on_place as f; print(f())"
    found = subprocess.run(
        [sys.executable, "-c", asked],
        env=os.environ | {"OPENBLAS_CORETYPE": core, "OPENBLAS_VERBOSE": "2"},
        text=True,
        capture_output=True,
        check=True,
    )
    if f"Core: {core}" not in found.stderr:
        pytest.skip(f"NumPy's library has no kernels for {core} here")
    assert found.stdout.split()[-1] == depends


def test_no_rows_are_no_outputs() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    forward = forward_pass(model.to_json(), model.get_weights())
    assert forward(np.empty((0, 4), np.float32)).shape == (0, 2)


def embedding_network(members: int = 1) -> Any:
    options = ModelOptions(
        layers=[LayerOptions(units=5, activation="relu", dropout=0.3, batch_normalization=True)],
        output_activation="softmax",
        members=members,
    )
    keras.utils.set_random_seed(1)
    description = build_network(6, options, [4, 900])
    return keras.models.model_from_json(json.dumps(description))


@pytest.mark.parametrize("members", [1, 3])
def test_a_network_with_embeddings_is_computed_as_by_keras(members: int) -> None:
    model = embedding_network(members)
    random = np.random.default_rng(0)
    weights = [array + random.uniform(0, 1, array.shape) for array in model.get_weights()]
    model.set_weights(weights)
    rows = random.normal(size=(600, 6)).astype(np.float32)
    rows[:, 0], rows[:, 1] = random.integers(0, 4, 600), random.integers(0, 900, 600)
    assert numpy_steps(model.to_json(), model.get_weights()) is not None
    outputs = forward_pass(model.to_json(), model.get_weights())(rows)
    np.testing.assert_allclose(outputs, model.predict(rows, verbose=0), rtol=1e-4, atol=1e-6)


def test_an_index_beyond_the_table_has_no_output() -> None:
    model = embedding_network()
    rows = np.ones((5, 6), np.float32)
    rows[1:4, 0] = -1, 4, -1e30
    with np.errstate(invalid="ignore"):
        outputs = forward_pass(model.to_json(), model.get_weights())(rows)
    assert np.isnan(outputs).all(axis=1).tolist() == [False, True, True, True, False]


def test_other_graphs_are_left_to_keras() -> None:
    inputs, shared = keras.Input((2,)), keras.layers.Dense(6)
    found = keras.layers.Flatten()(keras.layers.Embedding(4, 3)(inputs))
    once = keras.Model(inputs, keras.layers.Dense(6)(found))
    twice = keras.Model(inputs, shared(shared(found)))
    plain = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    translated = [
        numpy_steps(model.to_json(), model.get_weights()) is not None
        for model in (once, twice, plain)
    ]
    assert translated == [True, False, False]


def test_a_network_with_embeddings_is_computed_without_tensorflow(tmp_path: Path) -> None:
    model = embedding_network()
    (tmp_path / "network.json").write_text(model.to_json())
    np.savez(tmp_path / "weights.npz", *model.get_weights())
    program = f"""
import sys
import numpy as np
from bank_spark_dl.distributed.inference.numpy_forward import forward_pass
with np.load({str(tmp_path / "weights.npz")!r}) as saved:
    weights = [saved[f"arr_{{n}}"] for n in range(len(saved))]
forward = forward_pass(open({str(tmp_path / "network.json")!r}).read(), weights)
assert forward(np.ones((3, 6), np.float32)).shape == (3, 2)
assert "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
