"""Check that a network can be built and that its shapes fit."""

from typing import Any

import keras

from bank_spark_dl.distributed.runtime.safe_keras import network_from_json
from bank_spark_dl.distributed.training.description_check import first_line
from bank_spark_dl.errors import InputDataError, ParameterError


def checked_network(description: str, *, numbers: bool = False) -> Any:
    """Build a described network and check its shapes.

    Args:
        description: Network as Keras JSON, see `description_check`.
        numbers: Whether it predicts a number, not classes.

    Returns:
        The uncompiled network with fresh weights.

    Raises:
        InputDataError: It holds code.
        ParameterError: Keras cannot build it; or it does not map one vector to the outputs of
            classes, or to one number.
    """
    try:
        model = network_from_json(description)
    except InputDataError:
        raise
    except Exception as error:  # Keras raises whatever a layer does
        raise ParameterError(
            f"keras_model_config: Keras cannot build this network: {first_line(error)}"
        ) from error
    if not isinstance(model, keras.Model):
        raise ParameterError(
            f"keras_model_config describes a {type(model).__name__} and no network: give it "
            "model.to_json()."
        )
    _require_shapes(model)
    _require_outputs(model.outputs[0], numbers=numbers)
    return model


def count_classes(model: Any) -> int:
    """Return the classes that a network's outputs tell apart; a single one tells two."""
    return max(int(model.output_shape[-1]), 2)


def _require_shapes(model: Any) -> None:
    if not model.built:
        raise ParameterError(
            "keras_model_config: the network does not say how many numbers it takes. Begin it "
            "with keras.Input((NUMBER,))."
        )
    for what, tensors in (("inputs", model.inputs), ("outputs", model.outputs)):
        if len(tensors) != 1:
            raise ParameterError(
                f"keras_model_config: the network has {len(tensors)} {what}, and the engine trains "
                "networks with one: join them by keras.layers.Concatenate."
            )
    if isinstance(model.compute_output_spec(model.inputs[0]), dict):
        raise ParameterError(
            "keras_model_config: the network gives a dictionary of outputs, and the engine trains "
            "networks that give one output: make it keras.Model(inputs, output)."
        )
    _require_vectors(model.inputs[0])


def _require_vectors(taken: Any) -> None:
    if len(taken.shape) != 2 or taken.shape[1] is None or "string" in str(taken.dtype):
        raise ParameterError(
            f"keras_model_config: the network takes {_shape(taken)}, and each row is a vector of "
            "numbers: begin it with keras.Input((NUMBER,)), and a Reshape if its layers need one."
        )
    if taken.shape[0] is not None:
        raise ParameterError(
            f"keras_model_config: the network takes just {taken.shape[0]} rows at a time, and the "
            f"engine's batches differ in size: begin it with keras.Input(({taken.shape[1]},)), "
            "without batch_shape and batch_size."
        )


def _require_outputs(given: Any, *, numbers: bool) -> None:
    known = len(given.shape) in (2, 3) and None not in given.shape[1:]
    if known and numbers and given.shape[-1] != 1:
        raise ParameterError(
            f"keras_model_config: the network's output is {_shape(given)}, and it predicts one "
            "number: end it with Dense(1); with several members it is (rows, members, 1)."
        )
    if not known:
        raise ParameterError(
            f"keras_model_config: the network's output is {_shape(given)}. End it with "
            f"{_ends(numbers)}; with several members it is (rows, members, "
            f"{'1' if numbers else 'outputs'})."
        )


def _ends(numbers: bool) -> str:
    if numbers:
        return "Dense(1)"
    return 'Dense(CLASSES, activation="softmax"), or for two classes Dense(1, activation="sigmoid")'


def _shape(tensor: Any) -> str:
    sizes = ["rows", *("any" if size is None else str(size) for size in tensor.shape[1:])]
    kind = "texts " if "string" in str(tensor.dtype) else ""
    return f"{kind}({', '.join(sizes)})"
