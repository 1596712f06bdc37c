"""Check loss and metrics before training.

They are computed for three rows, with correct outputs and with one class wrong. A loss must be
smaller for the correct outputs, and a metric must differ.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from bank_spark_dl.distributed.training.description_check import first_line
from bank_spark_dl.distributed.training.targets import targets
from bank_spark_dl.errors import ParameterError

_LABELS = (0, 1, 1)
_CORRECT = (0.1, 0.9, 0.8)
_WRONG_0 = (0.9, 0.9, 0.8)
_WRONG_1 = (0.1, 0.1, 0.2)
_WRONG = (0.9, 0.1, 0.2)
_CHOSEN_BY_OUTPUTS = ("acc", "accuracy", "ce", "crossentropy")
"""Names for which Keras chooses a metric by the shape of the outputs."""

_HELPERS = frozenset({"Loss", "Metric", "deserialize", "get", "serialize"})
"""Functions and base classes of Keras's modules, which are no losses or metrics."""


def check_loss_and_metrics(model: Any, loss: str, metrics: tuple[str, ...]) -> None:
    """Refuse a loss or a metric that Keras does not know or that does not fit the outputs.

    Args:
        model: The network, see `network_check.checked_network`.
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.

    Raises:
        ParameterError: One cannot be used, with the name that may be meant.
    """
    _require_known(loss, "loss", keras.losses, keras.losses.get)
    for metric in metrics:
        if metric.lower() not in _CHOSEN_BY_OUTPUTS:
            _require_known(metric, "metric", keras.metrics, keras.metrics.get)
    shape = model.output_shape
    correct = _figure(shape, loss, None, _CORRECT)
    for wrong in (_WRONG_0, _WRONG_1):
        if not correct < _figure(shape, loss, None, wrong):
            raise ParameterError(
                f"loss {loss!r} does not fit the network's outputs, (rows, "
                f"{', '.join(map(str, shape[1:]))}): it is no smaller for correct outputs than "
                "for wrong ones. Use binary_crossentropy, or two outputs for a categorical loss."
            )
    for metric in metrics:
        if _figure(shape, loss, metric, _CORRECT) == _figure(shape, loss, metric, _WRONG):
            raise ParameterError(
                f"metric {metric!r} does not fit the network's outputs, (rows, "
                f"{', '.join(map(str, shape[1:]))}): it is the same for correct and for wrong "
                "outputs. Use acc or AUC."
            )


def _require_known(name: str, kind: str, module: Any, get: Callable[[str], Any]) -> None:
    try:
        if name in _HELPERS:
            raise ValueError(name)
        get(name)
    except TypeError as error:
        raise ParameterError(
            f"{kind} {name!r} cannot be made by its name alone: {first_line(error)}"
        ) from error
    except ValueError as error:
        known = [key for key, value in vars(module).items() if callable(value)]
        close = get_close_matches(name, sorted(set(known) - _HELPERS), n=1)
        meant = f"did you mean {close[0]!r}?" if close else "look for its name in Keras's pages."
        raise ParameterError(f"Keras has no {kind} {name!r}: {meant}") from error


def _figure(
    shape: tuple[int | None, ...], loss: str, metric: str | None, positive: tuple[float, ...]
) -> float:
    """Compute a loss, or a metric, of outputs with these probabilities of label 1."""
    what = f"loss {loss!r}" if metric is None else f"metric {metric!r}"
    model = keras.Sequential([keras.Input(shape[1:])])  # compiled as Keras compiles the network
    model.compile(loss=loss, metrics=[] if metric is None else [metric])
    label, outputs = tf.constant(_LABELS), _outputs(shape, positive)
    try:
        if metric is None:
            return float(model.compute_loss(None, targets(label, loss, shape), outputs))
        model.compute_metrics(None, targets(label, loss, shape), outputs)
        figures = [v for k, v in model.get_metrics_result().items() if k != "loss"]
        if np.size(figures) != 1:
            raise ValueError(f"it has {np.size(figures)} values, and one is shown")
        return float(np.ravel(figures)[0])
    except Exception as error:  # Keras and TensorFlow raise whatever they do
        raise ParameterError(
            f"{what} does not fit the network's outputs, (rows, {', '.join(map(str, shape[1:]))}): "
            f"{first_line(error)}"
        ) from error


def _outputs(shape: tuple[int | None, ...], positive: tuple[float, ...]) -> tf.Tensor:
    column = np.array(positive, np.float32)[:, np.newaxis]
    rows: npt.NDArray[np.float32] = column if shape[-1] == 1 else np.hstack([1 - column, column])
    for members in shape[1:-1]:
        rows = np.repeat(rows[:, np.newaxis], members or 1, axis=1)
    return tf.constant(rows)
