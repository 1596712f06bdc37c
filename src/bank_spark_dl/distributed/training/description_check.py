"""Check the JSON description of a network before Keras reads it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import keras

from bank_spark_dl.distributed.runtime.safe_keras import keras_objects
from bank_spark_dl.errors import ParameterError

LEARNED_BY_ADAPT = {
    "Discretization": ("bin_boundaries",),
    "IntegerLookup": ("vocabulary",),
    "Normalization": ("mean", "variance"),
    "StringLookup": ("vocabulary",),
    "TextVectorization": ("vocabulary",),
}
"""Layers that learn from data before training, and the arguments that hold what they learned."""


def check_description(description: str) -> None:
    """Refuse anything but the JSON of a network of this version of Keras.

    Args:
        description: The parameter `keras_model_config`.

    Raises:
        ParameterError: It is no JSON, no network, of Keras 2, or lacks what a layer has learned
            by `adapt`.
    """
    try:
        network = json.loads(description)
    except json.JSONDecodeError as error:
        raise ParameterError(
            f"keras_model_config is no JSON ({error}): give it model.to_json()."
        ) from error
    if not isinstance(network, dict) or not {"class_name", "config"} <= network.keys():
        raise ParameterError(
            "keras_model_config is JSON, but describes no network: give it model.to_json()."
        )
    version = str(network.get("keras_version", ""))
    if version[:2] in ("1.", "2.") or "batch_input_shape" in description:
        raise ParameterError(
            f"keras_model_config was written by Keras {version or 2}, and this is Keras "
            f"{keras.__version__}: build the network again and give its model.to_json()."
        )
    for part in keras_objects(network):
        _refuse_custom_code(part)
        if isinstance(part["config"], dict):
            _require_adapted(part["class_name"], part["config"])


def _refuse_custom_code(part: Mapping[str, Any]) -> None:
    """Refuse a class or function that this process has registered with Keras."""
    names = (part.get("registered_name"), part["config"])
    own = [name for name in names if isinstance(name, str) and ">" in name]
    if own:
        raise ParameterError(
            f"keras_model_config: {own[0].split('>')[-1]!r} is your own code, which neither "
            "workers nor a saved model have: build the network from Keras's own layers."
        )


def _require_adapted(kind: str, config: Mapping[str, Any]) -> None:
    needed = LEARNED_BY_ADAPT.get(kind, ())
    absent = [name for name in needed if config.get(name) is None]
    if absent:
        raise ParameterError(
            f"keras_model_config: to_json() does not hold what adapt() has computed for the layer "
            f"{config.get('name')!r}. Make it with these values, {kind}"
            f"({', '.join(f'{name}=...' for name in needed)}), or prepare the features in Spark."
        )


def first_line(error: BaseException) -> str:
    """Return the first sentence or line of an error of Keras."""
    innermost = str(error).rpartition("Exception encountered: ")[2]  # Keras wraps its own errors
    text = re.sub(r"\{\{.*?\}\}", "", innermost).strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".") + "."
