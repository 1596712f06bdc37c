"""Values of a training's configuration: one rule and one wording for each."""

from dataclasses import replace
from typing import Any

import pytest

from bank_spark_dl.distributed import ElephasClassifier
from bank_spark_dl.distributed.config import EarlyStopping, missing_validation_rows
from bank_spark_dl.errors import ParameterError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": 1.5}, "threshold must be a number from 0 to 1, but is 1.5."),
        ({"epochs": 0}, "epochs must be a whole number of 1 or more, but is 0."),
        ({"epochs": 2.5}, "epochs must be a whole number of 1 or more, but is 2.5."),
        ({"steps_per_round": 0}, "steps_per_round must be a whole number of 1 or more, but is 0."),
        ({"merge": "sum"}, "merge must be one of reset, average, keep, but is 'sum'."),
        (
            {"calibration": "isotonic"},
            "calibration must be one of none, temperature, platt, but is 'isotonic'.",
        ),
        (
            {"validation_split": 1.0},
            "validation_split must be a number of 0 or more, below 1, but is 1.0.",
        ),
        ({"prior": 1}, "prior must be a number above 0 and below 1, but is 1."),
        ({"resume": 1}, "resume must be True or False, but is 1."),
        (
            {"early_stopping": {"patiense": 3}},
            "early_stopping has no option patiense: it has monitor, patience, min_delta.",
        ),
        ({"early_stopping": 3}, "early_stopping must be a mapping, but is 3."),
        (
            {"early_stopping": {"monitor": "acc"}},
            "early_stopping.monitor must be one of loss, val_loss, val_accuracy, val_auc, "
            "val_auc_weighted, val_log_loss, val_top_k, val_rmse, val_mae, val_r2, but is 'acc'.",
        ),
        (
            {"early_stopping": {"min_delta": -1}},
            "early_stopping.min_delta must be a number of 0 or more, but is -1.",
        ),
    ],
    ids=str,
)
def test_a_value_out_of_range_is_refused_when_it_is_set(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        ElephasClassifier(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"early_stopping": {}},
            "early_stopping.monitor is val_loss, which needs validation rows, but validation_split "
            "is 0: raise validation_split, or set early_stopping.monitor to loss.",
        ),
        (
            {"calibration": "platt"},
            "calibration is platt, which needs validation rows, but validation_split is 0: raise "
            "validation_split, or set calibration to none.",
        ),
    ],
)
def test_what_needs_validation_rows_is_named(
    settings: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    classifier = ElephasClassifier(**settings | changes, validation_split=0)
    with pytest.raises(ParameterError) as caught:
        classifier.config()
    assert str(caught.value) == message
    assert missing_validation_rows(0.1, ("calibration", "platt", "none")) is None


def test_networks_are_compiled_once_for_equal_configurations(settings: dict[str, Any]) -> None:
    network = ElephasClassifier(**settings).config().network
    same = ElephasClassifier(**settings | {"seed": 9}).config().network
    other = replace(network, optimizer_config={"class_name": "sgd", "config": {}})
    assert (hash(same), same) == (hash(network), network)
    assert other != network
    assert hash(other) != hash(network)


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), None])
def test_what_is_no_number_is_never_the_best(figure: float | None) -> None:
    stopping = EarlyStopping("val_loss")
    assert not stopping.improves(figure, None)
    assert not stopping.improves(figure, 0.3)
    assert stopping.improves(0.2, 0.3)
