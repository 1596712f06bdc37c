"""Let a network look up the categories of its inputs in tables that it learns."""

import math
from collections.abc import Sequence
from typing import Any

from bank_spark_dl.distributed import load_keras


def embed_inputs(features: Any, sizes: Sequence[int]) -> Any:
    """Replace the indices that a vector begins with by rows of Embeddings.

    Args:
        features: Keras tensor (rows, inputs) float32.
        sizes: How many values each index has.

    Returns:
        Keras tensor (rows, n): the rows of all tables, then the other inputs.
    """
    layers, inputs = load_keras().layers, features.shape[-1]
    columns = layers.Reshape((inputs, 1), name="columns")(features)
    parts = []
    for place, size in enumerate(sizes):
        # Standard layers only: a saved network holds no code.
        name = f"embedding_{place + 1}"
        index = layers.Cropping1D((place, inputs - place - 1), name=f"{name}_index")(columns)
        looked_up = layers.Embedding(size, embedding_width(size - 1), name=name)(index)
        parts.append(layers.Flatten(name=f"{name}_flat")(looked_up))
    if inputs > len(sizes):
        others = layers.Cropping1D((len(sizes), 0), name="other_inputs")(columns)
        parts.append(layers.Flatten(name="other_inputs_flat")(others))
    return layers.Concatenate(name="inputs")(parts) if len(parts) > 1 else parts[0]


def embedding_width(categories: int) -> int:
    """Return the numbers in a row of a table: the fourth root of the categories, rounded up.

    The rule of Google's "Introducing TensorFlow Feature Columns" (2017). It keeps tables of many
    categories small: 18 numbers for each of 100,000.
    """
    return math.ceil(math.pow(categories, 0.25))
