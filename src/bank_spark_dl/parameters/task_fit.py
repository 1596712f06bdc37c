"""Tell which parameters do not fit what is predicted."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from bank_spark_dl.parameters.elephas import ElephasOptions
from bank_spark_dl.parameters.model import ModelOptions
from bank_spark_dl.parameters.reporting import DecisionOptions


class Fitting(NamedTuple):
    """The values that fit a task; the first one is proposed instead of another.

    Attributes:
        activations: Of the outputs.
        losses: Keras's names.
        metrics: Keras's names.
        calibrations: Of the probabilities.
        monitors: Of early stopping.
    """

    activations: tuple[str, ...]
    losses: tuple[str, ...]
    metrics: tuple[str, ...]
    calibrations: tuple[str, ...]
    monitors: tuple[str, ...]


_CLASSES: Final = Fitting(
    activations=("softmax", "sigmoid"),
    losses=(
        "categorical_crossentropy",
        "binary_crossentropy",
        "sparse_categorical_crossentropy",
        "mean_squared_error",
    ),
    metrics=("acc", "binary_accuracy", "categorical_accuracy", "mse", "mae"),
    calibrations=("temperature", "none"),
    monitors=(
        "val_loss",
        "loss",
        "val_accuracy",
        "val_auc",
        "val_auc_weighted",
        "val_log_loss",
        "val_top_k",
    ),
)
FITTING: Final = {
    "binary": _CLASSES._replace(
        calibrations=("platt", "temperature", "none"), monitors=_CLASSES.monitors[:4]
    ),
    "multiclass": _CLASSES,
    "regression": Fitting(
        activations=("linear",),
        losses=("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "poisson"),
        metrics=("mae", "mse"),
        calibrations=("none",),
        monitors=("val_loss", "loss", "val_rmse", "val_mae", "val_r2"),
    ),
}
COUNTS: Final = FITTING["regression"]._replace(activations=("exponential", "softplus"))
"""What fits the loss of counts, which takes no output below 0."""


def misfit(
    task: str,
    prior: float | None,
    model: ModelOptions,
    elephas: ElephasOptions,
    decision: DecisionOptions | None = None,
) -> str | None:
    """Say which parameters a task needs changed.

    Args:
        task: binary, multiclass or regression.
        prior: `data.prior`.
        model: The network.
        elephas: How it is trained.
        decision: `reporting.decision`; None also where it is not to be compared.

    Returns:
        A sentence; None if all fit.
    """
    counts = task == "regression" and elephas.loss == "poisson"
    fitting, stopping = COUNTS if counts else FITTING[task], elephas.early_stopping
    monitor = stopping.monitor if stopping else fitting.monitors[0]
    changes = [
        *_change("model.output_activation", model.output_activation, fitting.activations),
        *_change("elephas.loss", elephas.loss, fitting.losses),
        *_change("elephas.calibration", elephas.calibration, fitting.calibrations),
        *_change("elephas.early_stopping.monitor", monitor, fitting.monitors),
    ]
    if not set(elephas.metrics) <= set(fitting.metrics):
        changes.append(f"elephas.metrics to [{fitting.metrics[0]}]")
    if task != "binary":
        changes += _only_of_two_classes(prior, elephas, decision)
    if task == "regression" and not elephas.class_weights_are_equal():
        changes.append("elephas.class_weights to 1.0 each")
    return f"the task is {task}: set {', '.join(changes)}" if changes else None


def _change(key: str, value: str, fitting: tuple[str, ...]) -> list[str]:
    return [] if value in fitting else [f"{key} to {fitting[0]}"]


def _only_of_two_classes(
    prior: float | None, elephas: ElephasOptions, decision: DecisionOptions | None
) -> Iterator[str]:
    """Name what only two classes have."""
    if prior is not None:
        yield "data.prior to null"
    if elephas.threshold == "optimal":
        yield "elephas.threshold to a number"
    if decision is not None:
        yield "reporting.decision to null"
