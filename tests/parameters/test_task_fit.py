"""Which parameters do not fit a task."""

from typing import Any

import pytest
from tests.parameters.raw import BASE, changed, refusal

from bank_spark_dl.parameters import Parameters, check_parameters, misfit

NUMBERS = {
    "data.task": "regression",
    "model.output_activation": "linear",
    "elephas.loss": "huber",
    "elephas.metrics": ["mae"],
    "elephas.calibration": "none",
    "reporting.decision": None,
}
CLASSES = {
    "data.task": "multiclass",
    "elephas.calibration": "temperature",
    "reporting.decision": None,
}


def raw(changes: dict[str, Any]) -> dict[str, Any]:
    found = BASE
    for key, value in changes.items():
        found = changed(tuple(key.split(".")), value, found)
    return found


COUNTS = NUMBERS | {"elephas.loss": "poisson", "model.output_activation": "softplus"}
NAMED = CLASSES | {
    "data.columns.positive": None,
    "elephas.class_weights": {"negative": 1.0, "positive": 1.0, "cat": 2.0},
}


@pytest.mark.parametrize("changes", [NUMBERS, COUNTS, CLASSES, NAMED, {"data.task": "binary"}])
def test_parameters_of_each_task_fit(changes: dict[str, Any]) -> None:
    assert check_parameters(raw(changes)).data.task == changes["data.task"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"data.task": "regression"},
            "the task is regression: set model.output_activation to linear, elephas.loss to "
            "mean_squared_error, elephas.calibration to none, elephas.metrics to [mae], "
            "reporting.decision to null.",
        ),
        (
            {"data.task": "multiclass", "data.prior": 0.1, "elephas.threshold": "optimal"},
            "the task is multiclass: set elephas.calibration to temperature, data.prior to null, "
            "elephas.threshold to a number, reporting.decision to null.",
        ),
        (
            NUMBERS | {"elephas.class_weights.positive": 2.0},
            "the task is regression: set elephas.class_weights to 1.0 each.",
        ),
        (
            NUMBERS | {"elephas.loss": "poisson"},
            "the task is regression: set model.output_activation to exponential.",
        ),
        (
            NUMBERS | {"model.output_activation": "softplus"},
            "the task is regression: set model.output_activation to linear.",
        ),
        (
            CLASSES | {"elephas.early_stopping.monitor": "val_rmse"},
            "the task is multiclass: set elephas.early_stopping.monitor to val_loss.",
        ),
        (
            {"data.task": "binary", "model.output_activation": "linear"},
            "the task is binary: set model.output_activation to softmax.",
        ),
        (
            {"data.task": "binary", "data.columns.positive": None},
            "task is binary, but columns.positive is null: name there the class whose probability "
            "is predicted.",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_what_does(changes: dict[str, Any], message: str) -> None:
    assert message in refusal(raw(changes))


def test_the_base_parameters_are_for_two_classes(parameters: Parameters) -> None:
    parts = None, parameters.model, parameters.elephas, parameters.reporting.decision
    assert misfit("binary", *parts) is None
    assert misfit("multiclass", *parts) is not None
