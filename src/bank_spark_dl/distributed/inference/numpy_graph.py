"""Compute a functional network's forward pass in NumPy, layer by layer.

Keras lists the layers of a graph so that each comes after those that it reads.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Step = Callable[..., Matrix]
Weights = list[npt.NDArray[Any]]
Translate = Callable[[str, dict[str, Any], Weights], Step | None]


def graph_forward(
    config: Mapping[str, Any], weights: Weights, translate: Translate
) -> Callable[[Matrix], Matrix] | None:
    """Translate a graph that looks up embeddings; None unless all its layers are known.

    Other graphs are left to Keras.

    Args:
        config: Configuration of a functional network with one input and one output.
        weights: Its weights in layer order.
        translate: Translates a layer of one input, see numpy_forward.
    """
    if not any(layer["class_name"] == "Embedding" for layer in config["layers"]):
        return None
    remaining, known = list(weights), set[str]()
    steps: list[tuple[str, list[str], Step]] = []
    for layer in config["layers"]:
        kind, read = layer["class_name"], _inputs(layer)
        step = _translate(kind, layer["config"], remaining) or translate(
            kind, layer["config"], remaining
        )
        if step is None or read is None or not known.issuperset(read):
            return None
        known.add(layer["name"])
        steps.append((layer["name"], read, step))
    output = _only_layer(config["output_layers"])
    if output not in known or _only_layer(config["input_layers"]) is None:
        return None

    def forward(features: Matrix) -> Matrix:
        tensors: dict[str, Matrix] = {}
        for name, read, step in steps:
            tensors[name] = step(*(tensors[other] for other in read)) if read else features
        return tensors[output]

    return forward


def _translate(kind: str, config: dict[str, Any], remaining: Weights) -> Step | None:
    """Translate a layer that only graphs have, taking its weights off the remaining ones."""
    match kind:
        case "Embedding" if not (config["mask_zero"] or config.get("lora_rank")):
            return partial(_look_up, remaining.pop(0))
        case "Concatenate":
            return lambda *parts: np.concatenate(parts, axis=config["axis"])
        case "Cropping1D":
            first, last = config["cropping"]
            return lambda x: x[:, first : x.shape[1] - last]
        case "Flatten" if config["data_format"] == "channels_last":
            return lambda x: x.reshape(len(x), -1)
        case "Reshape" if -1 not in config["target_shape"]:
            return lambda x: x.reshape(len(x), *config["target_shape"])
    return None


def _look_up(table: Matrix, positions: Matrix) -> Matrix:
    """Return rows of a table; NaN, which scoring refuses, where it has no such row.

    NumPy takes a negative position for one from the end.
    """
    index = positions.astype(np.int32)
    known = (index >= 0) & (index < len(table))
    found: Matrix = table[np.where(known, index, 0)]
    if not known.all():
        found[~known] = np.nan
    return found


def _inputs(layer: Mapping[str, Any]) -> list[str] | None:
    """Name the layers that a layer reads; None if it is used twice or reads anything else."""
    nodes = layer["inbound_nodes"]
    if not nodes:
        return []
    if len(nodes) > 1 or len(nodes[0]["args"]) != 1 or any(nodes[0]["kwargs"].values()):
        return None
    given = nodes[0]["args"][0]
    tensors = given if isinstance(given, list) else [given]
    if not all(isinstance(t, dict) and t.get("class_name") == "__keras_tensor__" for t in tensors):
        return None
    return [tensor["config"]["keras_history"][0] for tensor in tensors]


def _only_layer(references: Any) -> str | None:
    """Return the layer of a single reference [name, node, tensor], which may stand in a list."""
    if len(references) == 1:
        references = references[0]
    return references[0] if isinstance(references[0], str) else None
