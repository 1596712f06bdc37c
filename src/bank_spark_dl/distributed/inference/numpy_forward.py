"""Compute a network's forward pass in NumPy.

Scoring needs no gradients. For chains of the layers below, and graphs with embeddings
(numpy_graph.py), a few matrix products give the same outputs as Keras to float32 rounding, and a
process that scores need not import TensorFlow, which takes longer than scoring a million rows.
Every other network is scored by Keras itself.

A row's outputs do not depend on the rows around it: see exact_product.py.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.inference.exact_product import PADDED_ROWS, exact_product
from bank_spark_dl.distributed.inference.numpy_graph import graph_forward
from bank_spark_dl.distributed.runtime.safe_keras import network_from_json

Matrix = npt.NDArray[np.float32]
Forward = Callable[[Matrix], Matrix]


def sigmoid(x: Matrix) -> Matrix:
    """Compute 1 / (1 + exp(-x)), exact to rounding for small results too."""
    with np.errstate(over="ignore"):  # an infinite power gives the right 0
        share: Matrix = 1 / (1 + np.exp(-x))
    return share


def softmax(x: Matrix) -> Matrix:
    """Compute the softmax of each row."""
    powers: Matrix = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def elu(x: Matrix) -> Matrix:
    """Compute x above 0 and exp(x) - 1 below."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def softplus(x: Matrix) -> Matrix:
    """Compute log(1 + exp(x)) without overflow."""
    return np.logaddexp(x, np.float32(0))


ACTIVATIONS: dict[str, Forward] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": sigmoid,
    "softmax": softmax,
    "tanh": np.tanh,
    "elu": elu,
    "softplus": softplus,
    "exponential": np.exp,
    "silu": lambda x: x * sigmoid(x),
    "swish": lambda x: x * sigmoid(x),
}

_BLOCK_ROWS = 256
"""Rows of one pass through the layers: their outputs fit the CPU's cache (a third faster)."""

INACTIVE = ("InputLayer", "Dropout", "ActivityRegularization", "GaussianNoise", "GaussianDropout")
"""Layers that do nothing in inference."""


def forward_pass(keras_model_config: str, weights: list[npt.NDArray[Any]]) -> Forward:
    """Build a network's forward pass.

    Args:
        keras_model_config: Network as Keras JSON.
        weights: Its weights in layer order.

    Returns:
        A function from features (rows, n_features) float32 to outputs (rows, n_outputs) float32.
    """
    steps = numpy_steps(keras_model_config, weights)
    return keras_forward(keras_model_config, weights) if steps is None else _chain(steps)


def numpy_steps(keras_model_config: str, weights: list[npt.NDArray[Any]]) -> list[Forward] | None:
    """Translate a chain of known layers, or a graph with embeddings; None for anything else."""
    network = json.loads(keras_model_config)
    if network["class_name"] == "Functional":
        graph = graph_forward(network["config"], weights, _translate)
        return graph and [graph]
    if network["class_name"] != "Sequential":
        return None
    remaining = list(weights)
    steps = []
    for layer in network["config"]["layers"]:
        step = _translate(layer["class_name"], layer["config"], remaining)
        if step is None:
            return None
        steps.append(step)
    return steps


def keras_forward(keras_model_config: str, weights: list[npt.NDArray[Any]]) -> Forward:
    """Let Keras do the forward pass."""
    model = network_from_json(keras_model_config)  # seconds: TensorFlow
    model.set_weights(weights)
    return lambda features: np.asarray(model(features, training=False))


def _chain(steps: list[Forward]) -> Forward:
    def block(features: Matrix) -> Matrix:
        for step in steps:
            features = step(features)
        return features

    def forward(features: Matrix) -> Matrix:
        rows = len(features)
        if missing := -rows % PADDED_ROWS:
            features = np.pad(features, ((0, missing), (0, 0)))
        starts = range(0, max(len(features), 1), _BLOCK_ROWS)
        outputs = [block(features[start : start + _BLOCK_ROWS]) for start in starts]
        return np.concatenate(outputs)[:rows]

    return forward


def _translate(
    kind: str, config: dict[str, Any], remaining: list[npt.NDArray[Any]]
) -> Forward | None:
    """Translate one layer, taking its weights off the front of the remaining ones."""
    activation = config.get("activation", "linear")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        return None
    if kind in INACTIVE:
        return ACTIVATIONS["linear"]
    if kind == "Activation":
        return ACTIVATIONS[activation]
    if kind == "Dense":
        return _affine(np.matmul, remaining, config["use_bias"], ACTIVATIONS[activation])
    if kind == "RepeatVector":
        return lambda x: np.repeat(x[:, np.newaxis], config["n"], axis=1)
    if kind == "EinsumDense":
        product = partial(np.einsum, config["equation"], optimize=True)
        return _affine(product, remaining, config["bias_axes"], ACTIVATIONS[activation])
    if kind == "BatchNormalization" and config["axis"] == -1:
        return _batch_normalization(config, remaining)
    return None


def _affine(
    product: Callable[..., Matrix],
    remaining: list[npt.NDArray[Any]],
    biased: object,
    activation: Forward,
) -> Forward:
    kernel = remaining.pop(0)
    bias = remaining.pop(0) if biased else np.float32(0)
    multiply = exact_product(product, kernel)
    return lambda x: activation(multiply(x) + bias)


def _batch_normalization(config: dict[str, Any], remaining: list[npt.NDArray[Any]]) -> Forward:
    gamma = remaining.pop(0) if config["scale"] else np.float32(1)
    beta = remaining.pop(0) if config["center"] else np.float32(0)
    mean, variance = remaining.pop(0), remaining.pop(0)
    factor = gamma / np.sqrt(variance + np.float32(config["epsilon"]))
    shift = beta - mean * factor
    return lambda x: x * factor + shift
