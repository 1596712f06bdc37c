"""Check loss and metrics before training.

They are computed for three rows, with correct outputs and with one label wrong. A loss must be
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

_CHOSEN_BY_OUTPUTS = ("acc", "accuracy", "ce", "crossentropy")
"""Names for which Keras chooses a metric by the shape of the outputs."""

_HELPERS = frozenset({"Loss", "Metric", "deserialize", "get", "serialize"})
"""Functions and base classes of Keras's modules, which are no losses or metrics."""


def check_loss_and_metrics(
    model: Any, loss: str, metrics: tuple[str, ...], classes: int | None = 2
) -> None:
    """Refuse a loss or a metric that Keras does not know or that does not fit the outputs.

    Args:
        model: The network, see `network_check.checked_network`.
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.
        classes: Number of classes; None: labels are numbers.

    Raises:
        ParameterError: One cannot be used, with the name that may be meant.
    """
    _require_known(loss, "loss", keras.losses, keras.losses.get)
    for metric in metrics:
        if metric.lower() not in _CHOSEN_BY_OUTPUTS:
            _require_known(metric, "metric", keras.metrics, keras.metrics.get)
    trial = _Trial(model.output_shape, classes)
    shown = ", ".join(map(str, trial.shape[1:]))
    correct = trial.figure(loss, None, trial.correct)
    for wrong in trial.wrong:
        if not correct < trial.figure(loss, None, wrong):
            raise ParameterError(
                f"loss {loss!r} does not fit the network's outputs, (rows, {shown}): it is no "
                f"smaller for correct outputs than for wrong ones. {_advice(classes)}"
            )
    for metric in metrics:
        if trial.figure(loss, metric, trial.correct) == trial.figure(loss, metric, trial.worst):
            raise ParameterError(
                f"metric {metric!r} does not fit the network's outputs, (rows, {shown}): it is the "
                "same for correct and for wrong outputs. Use "
                f"{'mae' if classes is None else 'acc or AUC'}."
            )


def _advice(classes: int | None) -> str:
    if classes is None:
        return "Use mean_squared_error."
    if classes > 2:
        return "Use categorical_crossentropy."
    return "Use binary_crossentropy, or two outputs for a categorical loss."


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


class _Trial:
    """Labels of three rows, and correct and wrong outputs for them.

    Attributes:
        shape: Of the network's outputs.
        correct: Outputs for the labels.
        wrong: Outputs for labels of which one is another.
        worst: Outputs for other labels.
    """

    def __init__(self, shape: tuple[int | None, ...], classes: int | None) -> None:
        """Make them for a network's outputs."""
        self.shape, self._classes = shape, classes
        if classes is None:
            self._labels = np.array([0.5, 1.0, 3.0])
            others = np.array([2.0, 2.5, 1.5])
        elif classes == 2:
            self._labels, others = np.array([0, 1, 1]), np.array([1, 0, 0])
        else:
            self._labels, others = np.array([0, 1, 2]), np.array([1, 2, 0])
        self.correct = self._outputs(self._labels)
        exchanged = [np.where(self._labels == n, others, self._labels) for n in set(self._labels)]
        self.wrong = [self._outputs(labels) for labels in exchanged]
        self.worst = self._outputs(others, least=self._labels if (classes or 0) > 2 else None)

    def _outputs(
        self, labels: npt.NDArray[Any], least: npt.NDArray[Any] | None = None
    ) -> tf.Tensor:
        """Return outputs that state labels, the third a little less surely than the others.

        Args:
            labels: Stated with most probability.
            least: Stated with none.
        """
        if self._classes is None:
            rows = labels[:, np.newaxis]
        else:
            sure = np.array([0.9, 0.9, 0.8])[:, np.newaxis]
            own = labels[:, np.newaxis] == np.arange(self._classes)
            rows = np.where(own, sure, (1 - sure) / (self._classes - 1))
            if least is not None:
                rows[np.arange(len(rows)), least] = 0.0
            rows = rows[:, -(self.shape[-1] or 1) :]
        for members in self.shape[1:-1]:
            rows = np.repeat(rows[:, np.newaxis], members or 1, axis=1)
        return tf.constant(rows, tf.float32)

    def figure(self, loss: str, metric: str | None, outputs: tf.Tensor) -> float:
        """Compute a loss, or a metric, of outputs."""
        what = f"loss {loss!r}" if metric is None else f"metric {metric!r}"
        shape = self.shape
        model = keras.Sequential([keras.Input(shape[1:])])  # compiled as Keras does the network
        model.compile(loss=loss, metrics=[] if metric is None else [metric])
        try:
            label = targets(tf.constant(self._labels, tf.float32), loss, shape, self._classes)
            if metric is None:
                return float(model.compute_loss(None, label, outputs))
            model.compute_metrics(None, label, outputs)
            figures = [v for k, v in model.get_metrics_result().items() if k != "loss"]
            if np.size(figures) != 1:
                raise ValueError(f"it has {np.size(figures)} values, and one is shown")
            return float(np.ravel(figures)[0])
        except Exception as error:  # Keras and TensorFlow raise whatever they do
            raise ParameterError(
                f"{what} does not fit the network's outputs, (rows, "
                f"{', '.join(map(str, shape[1:]))}): {first_line(error)}"
            ) from error
