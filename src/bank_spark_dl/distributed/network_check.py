"""What is said of a network before anything is laid out: its shapes and its outputs.

Everything here runs on the driver, on the network with its first weights, in some milliseconds.
"""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.description_check import first_line
from bank_spark_dl.distributed.safe_network import network_from_json
from bank_spark_dl.errors import InputDataError, ParameterError

_SCALES = (0.0, 0.1, 1.0, 10.0, 1000.0)
_PROBED_ROWS = 16
_ROUNDING = 1e-5


def built_network(description: str) -> Any:
    """Build a described network and check its shapes.

    Args:
        description: Network as Keras JSON, see `description_check`.

    Returns:
        The uncompiled network with fresh weights.

    Raises:
        InputDataError: It holds code.
        ParameterError: Keras cannot build it; or it is no network from one vector to the outputs of
            two classes.
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
    return model


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
                f"networks with one: join them by keras.layers.Concatenate."
            )
    taken, given = model.inputs[0], model.outputs[0]
    if len(taken.shape) != 2 or taken.shape[1] is None or "string" in str(taken.dtype):
        raise ParameterError(
            f"keras_model_config: the network takes {_shape(taken)}, and each row is a vector of "
            "numbers: begin it with keras.Input((NUMBER,)), and a Reshape if its layers need one."
        )
    members = given.shape[1:-1]
    if len(given.shape) not in (2, 3) or given.shape[-1] not in (1, 2) or None in members:
        raise ParameterError(
            f"keras_model_config: the network's output is {_shape(given)}. End it with Dense(1, "
            'activation="sigmoid") or Dense(2, activation="softmax"); with several members it is '
            "(rows, members, 1 or 2)."
        )


def _shape(tensor: Any) -> str:
    sizes = ["rows", *("any" if size is None else str(size) for size in tensor.shape[1:])]
    kind = "texts " if "string" in str(tensor.dtype) else ""
    return f"{kind}({', '.join(sizes)})"


def require_probabilities(model: Any) -> None:
    """Refuse a network whose outputs can leave [0, 1]; its weights are the same afterwards.

    Activations have many names, and outputs many forms. So the network is asked, with its weights
    moved at random, for rows of small and of large numbers.

    Raises:
        ParameterError: An output is below 0 or above 1.
    """
    weights, random = model.get_weights(), np.random.default_rng(0)
    moved = [_moved(array, random) for array in weights]
    rows = random.standard_normal((_PROBED_ROWS, model.input_shape[1]))
    try:
        model.set_weights(moved)
        outputs = [_outputs(model, rows * scale) for scale in _SCALES]
    finally:
        model.set_weights(weights)
    known = np.concatenate([output[np.isfinite(output)] for output in outputs])
    if known.size and (known.min() < -_ROUNDING or known.max() > 1 + _ROUNDING):
        raise ParameterError(
            f"keras_model_config: the network's outputs are no probabilities: they reach from "
            f"{known.min():.3g} to {known.max():.3g} and more. End it with the activation sigmoid, "
            "or softmax on two outputs."
        )


def _moved(array: npt.NDArray[Any], random: np.random.Generator) -> npt.NDArray[Any]:
    if not np.issubdtype(array.dtype, np.floating):
        return array
    # Variances stay positive: they are all the weights that begin at 1 and may not change sign.
    noise = random.standard_normal(array.shape).astype(array.dtype)
    return np.where(array == 1, array + np.abs(noise), array + noise)


def _outputs(model: Any, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the network's outputs as one array; of rows that it cannot take, none."""
    try:
        outputs = model(rows.astype(np.float32), training=False)
    except Exception:  # an Embedding takes no number beyond its table
        return np.empty(0)
    return np.asarray(outputs, dtype=np.float64).ravel()
