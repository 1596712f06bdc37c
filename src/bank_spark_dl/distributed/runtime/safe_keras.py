"""Build networks from files and parameters: Keras's own layers, and no code."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bank_spark_dl.distributed.runtime.keras_import import load_keras
from bank_spark_dl.errors import InputDataError

HOLD_CODE = ("Lambda", "__lambda__", "TFSMLayer")
"""Python bytecode, and TensorFlow programs, which may read and write files."""

PARTS_OF_NETWORKS = re.compile(
    r"keras(\.(activations|constraints|initializers|layers|models|ops|random|regularizers|src)\b.*)?"
    r"|builtins"
)
"""Modules of the classes and functions of networks: not keras.utils, which downloads."""


def network_from_json(keras_model_config: str) -> Any:
    """Build a network, with fresh weights; imports TensorFlow.

    Args:
        keras_model_config: Network as Keras JSON.

    Raises:
        InputDataError: It holds code.
    """
    refuse_code(keras_model_config, "memory")
    return load_keras().saving.deserialize_keras_object(
        json.loads(keras_model_config), safe_mode=True
    )


def refuse_code(keras_model_config: str, source: str) -> None:
    """Raise InputDataError if a network holds code, or anything that is not Keras's.

    Args:
        keras_model_config: Network as Keras JSON.
        source: Where it comes from.
    """
    for entry in keras_objects(json.loads(keras_model_config)):
        name, module = entry["class_name"], entry.get("module") or "keras"
        if name in HOLD_CODE or not PARTS_OF_NETWORKS.fullmatch(module):
            raise InputDataError(
                f"The network in {source} is refused: {module}.{name} is code, and no code is "
                "taken from files. Build the network of Keras's own layers."
            )


def keras_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the configuration of every object in a Keras configuration."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and "class_name" in value:
        yield value
    if isinstance(value, dict | list):
        for child in children:
            yield from keras_objects(child)
