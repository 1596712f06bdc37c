from typing import Any

import pytest
from pydantic import ValidationError

from bank_spark_dl.parameters import ChoiceOptions, RangeOptions, TuningOptions

BASE: dict[str, Any] = {
    "trials": 4,
    "minutes": None,
    "batch": 2,
    "sampler": {"name": "TPESampler"},
    "halving": None,
    "objective": None,
    "repeats": 1,
    "seed": 0,
    "force": False,
}


def options(**space: Any) -> TuningOptions:
    return TuningOptions(**BASE, space=space)


def test_ranges_and_choices_are_told_apart() -> None:
    found = options(
        learning_rate={"low": 0.1, "high": 1, "log": True},
        **{
            "model.members": {"low": 1, "high": 4},
            "elephas.merge": {"choices": ["reset", "keep"]},
            "elephas.epochs": None,
        },
    ).searched()
    assert list(found) == ["learning_rate", "model.members", "elephas.merge"]
    rate, members, merge = found.values()
    assert isinstance(rate, RangeOptions)
    assert not rate.is_whole
    assert isinstance(members, RangeOptions)
    assert members.is_whole
    assert isinstance(merge, ChoiceOptions)


def test_conditions_come_first() -> None:
    found = options(
        **{
            "elephas.c": {"low": 0, "high": 1, "when": {"elephas.b": [1]}},
            "elephas.b": {"choices": [1, 2], "when": {"model.members": [2], "model.a": [1]}},
            "model.members": {"choices": [1, 2]},
        }
    ).searched()
    assert list(found) == ["model.members", "elephas.b", "elephas.c"]


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ({"seed": {"low": 0, "high": 1}}, "space names seed: it should be learning_rate, or begin"),
        ({}, "space names no parameter"),
        ({"model.members": None}, "space names no parameter"),
        ({"model.members": {"low": 2, "high": 2}}, r"low \(2\) must be below high \(2\)"),
        ({"model.members": {"low": 1}}, "high"),
        ({"model.members": {"choices": [1]}}, "at least 2 items"),
        ({"learning_rate": {"low": 0.0, "high": 1.0, "log": True}}, "log: true needs low above 0"),
        (
            {"learning_rate": {"low": 0.1, "high": 1.0, "log": True, "step": 0.1}},
            "log: true needs low above 0, and takes no step",
        ),
        ({"model.members": {"low": 1, "high": 4, "step": 0.5}}, "it is a whole number"),
        (
            {
                "model.a": {"choices": [1, 2], "when": {"model.b": [1]}},
                "model.b": {"choices": [1, 2], "when": {"model.a": [1]}},
            },
            "conditions go in a circle: model.",
        ),
        ({"model.members": {"low": 1, "high": 4, "scale": "log"}}, "scale"),
        ({"model.members": {"low": 1, "high": 4, "choices": [1, 2]}}, "has choices and a range"),
        ({"elephas.resume": {"choices": [True, False]}}, "space names elephas.resume: it cannot"),
    ],
)
def test_spaces_that_cannot_be_searched_are_refused(space: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        options(**space)


def test_an_environment_replaces_choices_by_a_range_with_a_null() -> None:
    both = {"model.members": {"low": 1, "high": 4, "choices": None}}
    assert isinstance(options(**both).searched()["model.members"], RangeOptions)
    other = {"model.members": {"low": None, "high": None, "choices": [1, 2]}}
    assert isinstance(options(**other).searched()["model.members"], ChoiceOptions)


def test_epochs_are_searched_without_halving_only() -> None:
    space = {"elephas.epochs": {"low": 5, "high": 50}}
    options(**space)
    halving = {"rungs": 2, "reduction_factor": 2}
    with pytest.raises(ValidationError, match=r"elephas\.epochs: it cannot be searched"):
        TuningOptions(**BASE | {"halving": halving}, space=space)


def test_a_sampler_takes_its_seed_from_the_search() -> None:
    with pytest.raises(ValidationError, match=r"seed is tuning\.seed"):
        TuningOptions(**BASE | {"sampler": {"name": "TPESampler", "seed": 5}}, space={})
