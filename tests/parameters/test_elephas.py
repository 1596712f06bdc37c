"""Values of the training that do not fit each other."""

from typing import Any

import pytest

from bank_spark_dl.parameters import check_parameters
from parameters.raw import changed, refusal

NO_VALIDATION = changed(("elephas", "validation_split"), 0.0)
LOSS = changed(("elephas", "early_stopping", "monitor"), "loss", NO_VALIDATION)
UNCALIBRATED = changed(("elephas", "calibration"), "none", LOSS)


def test_classes_without_weight_are_refused() -> None:
    nothing = {"negative": 0.0, "positive": 0.0}
    assert refusal(changed(("elephas", "class_weights"), nothing)).endswith(
        ".yml:\n  elephas.class_weights: one of the weights must be above 0."
    )


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("even", "elephas.class_weights is 'even': it should be 'balanced'."),
        (
            {"negative": -1.0, "positive": 1.0},
            "elephas.class_weights.negative is -1.0: it should be greater than or equal to 0.",
        ),
        (
            {"negative": 1.0, "positive": 1.0, "cat": -2.0},
            "elephas.class_weights.cat is -2.0: it should be greater than or equal to 0.",
        ),
        (
            {"negative": 1.0, "positive": 1.0, "postive": 2.0},
            "elephas.class_weights names postive, but there are two classes "
            "(data.columns.positive): give the weights of negative and positive.",
        ),
    ],
)
def test_wrong_class_weights_are_refused(weights: Any, said: str) -> None:
    assert refusal(changed(("elephas", "class_weights"), weights)).endswith(f".yml:\n  {said}")


def test_class_weights_may_be_balanced() -> None:
    raw = changed(("elephas", "class_weights"), "balanced")
    assert check_parameters(raw).elephas.class_weights == "balanced"


@pytest.mark.parametrize(
    ("raw", "setting", "otherwise"),
    [
        (NO_VALIDATION, "early_stopping.monitor is val_loss", "early_stopping.monitor to loss"),
        (LOSS, "calibration is platt", "calibration to none"),
        (
            changed(("elephas", "threshold"), "optimal", UNCALIBRATED),
            "threshold is optimal",
            "threshold to a number",
        ),
    ],
)
def test_what_needs_validation_rows_is_refused_without(
    raw: dict[str, Any], setting: str, otherwise: str
) -> None:
    assert refusal(raw).endswith(
        f"\n  elephas: {setting}, which needs validation rows, but validation_split is 0: raise "
        f"validation_split, or set {otherwise}."
    )


def test_without_validation_rows_the_rest_is_accepted() -> None:
    check_parameters(UNCALIBRATED)


def test_a_class_that_is_a_number_needs_no_quotes() -> None:
    weights = {"negative": 1.0, "positive": 1.0, 3: 2.0}
    raw = changed(
        ("data", "columns", "positive"), None, changed(("elephas", "class_weights"), weights)
    )
    assert check_parameters(raw).elephas.class_weights.model_dump()["3"] == 2.0
