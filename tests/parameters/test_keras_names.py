"""The table of Keras's names and arguments beside the installed Keras."""

import inspect
from collections.abc import Callable
from typing import Any, get_args

import keras
import pytest

from bank_spark_dl.parameters.keras_names import (
    NAME_LISTS,
    NUMBER_LISTS,
    OPTIMIZERS,
    REQUIRED,
    SCHEDULES,
    Activation,
    Loss,
    Metric,
)

GIVEN_BY_TRAINING = {"learning_rate", "initial_learning_rate", "decay_steps"}
NOT_TO_CHOOSE = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "LearningRateSchedule"}


def classes(module: Any) -> dict[str, Any]:
    found = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    return {name: value for name, value in found.items() if name not in NOT_TO_CHOOSE}


KERAS = {kind.__name__.lower(): kind for kind in classes(keras.optimizers).values()}
KERAS_SCHEDULES = classes(keras.optimizers.schedules)


def arguments(kind: Any) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(kind).parameters)
    return {name: one for name, one in found.items() if name not in {"name", "kwargs"}}


def test_every_optimizer_and_schedule_is_in_the_table() -> None:
    assert OPTIMIZERS.keys() == KERAS.keys()
    assert SCHEDULES.keys() == KERAS_SCHEDULES.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_arguments_of_the_table(name: str) -> None:
    assert sorted(OPTIMIZERS[name].split()) == sorted(
        arguments(KERAS[name]).keys() - {"learning_rate"}
    )
    assert keras.optimizers.get(name).__class__ is KERAS[name]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_the_arguments_of_the_table(name: str) -> None:
    assert sorted(SCHEDULES[name].split()) == sorted(arguments(KERAS_SCHEDULES[name]))


@pytest.mark.parametrize("name", [*OPTIMIZERS, *SCHEDULES])
def test_arguments_without_a_default_are_required(name: str) -> None:
    known = arguments((KERAS | KERAS_SCHEDULES)[name])
    needed = {key for key, one in known.items() if one.default is inspect.Parameter.empty}
    assert set(REQUIRED.get(name, "").split()) == needed - GIVEN_BY_TRAINING


@pytest.mark.parametrize("name", sorted(NUMBER_LISTS | NAME_LISTS))
def test_a_list_is_an_argument(name: str) -> None:
    assert any(name in known.split() for known in (OPTIMIZERS | SCHEDULES).values())


@pytest.mark.parametrize(
    ("names", "get"),
    [
        (Activation, keras.activations.get),
        (Loss, keras.losses.get),
        (Metric, lambda name: keras.metrics.get("accuracy" if name == "acc" else name)),
    ],
    ids=["activations", "losses", "metrics"],
)
def test_keras_knows_the_name(names: Any, get: Callable[[str], Any]) -> None:
    for name in get_args(names):
        assert callable(get(name)), name
    with pytest.raises(ValueError, match="nonsense"):
        get("nonsense")
