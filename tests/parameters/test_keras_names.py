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


def classes(module: Any, base: type) -> list[type]:
    found = (kind for kind in vars(module).values() if inspect.isclass(kind))
    return [kind for kind in found if issubclass(kind, base) and kind is not base]


def is_found(kind: type) -> bool:
    """Whether Keras finds a class by its name: not Lamb, and no wrapper without an optimizer."""
    try:
        return isinstance(keras.optimizers.get(kind.__name__), kind)
    except (KeyError, TypeError, ValueError):
        return False


def arguments(kind: type) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(kind).parameters)
    return {name: one for name, one in found.items() if name not in {"name", "kwargs"}}


OPTIMIZER_CLASSES = filter(is_found, classes(keras.optimizers, keras.optimizers.Optimizer))
KERAS_OPTIMIZERS = {kind.__name__.lower(): kind for kind in OPTIMIZER_CLASSES}
SCHEDULE = keras.optimizers.schedules.LearningRateSchedule
KERAS_SCHEDULES = {kind.__name__: kind for kind in classes(keras.optimizers.schedules, SCHEDULE)}


def test_every_optimizer_and_schedule_is_in_the_table() -> None:
    assert OPTIMIZERS.keys() == KERAS_OPTIMIZERS.keys()
    assert SCHEDULES.keys() == KERAS_SCHEDULES.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_arguments_of_the_table(name: str) -> None:
    assert sorted(OPTIMIZERS[name].split()) == sorted(
        arguments(KERAS_OPTIMIZERS[name]).keys() - {"learning_rate"}
    )


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_the_arguments_of_the_table(name: str) -> None:
    assert sorted(SCHEDULES[name].split()) == sorted(arguments(KERAS_SCHEDULES[name]))


@pytest.mark.parametrize("name", [*OPTIMIZERS, *SCHEDULES])
def test_arguments_without_a_default_are_required(name: str) -> None:
    known = arguments((KERAS_OPTIMIZERS | KERAS_SCHEDULES)[name])
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
