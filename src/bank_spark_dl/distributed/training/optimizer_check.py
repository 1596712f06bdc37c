"""Check the Keras configurations of optimizer and schedule before training."""

import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from bank_spark_dl.distributed.training.description_check import first_line
from bank_spark_dl.errors import ParameterError

Make = Callable[[Mapping[str, Any]], object]

_NOT_NEGATIVE = ("learning_rate", "clipnorm", "clipvalue", "weight_decay")
"""Ends of the names of arguments that are not negative; Ftrl's `learning_rate_power` is."""


def check_optimizer(config: Mapping[str, Any]) -> None:
    """Refuse an optimizer that Keras does not know or cannot make.

    Args:
        config: Its Keras configuration, `class_name` and `config`.

    Raises:
        ParameterError: It is unknown, or one of its arguments is.
    """
    name = config["class_name"]
    check_numbers(f"optimizer {name!r}", config)
    known = {key.lower(): key for key in vars(keras.optimizers) if key[0].isupper()}
    close = get_close_matches(name.lower(), known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close and name.lower() not in known else ""
    require_made(f"optimizer {name!r}", config, _one_step, meant)


def build_optimizer(config: Mapping[str, Any]) -> Any:
    """Build a Keras optimizer; the configuration is copied, for Keras changes what it gets."""
    return keras.optimizers.get(deepcopy(dict(config)))


def _one_step(config: Mapping[str, Any]) -> None:
    """Do a step with a gradient of zeros: Keras checks some arguments only then."""
    optimizer = build_optimizer(config)
    zeros = np.zeros((2, 3), np.float32)
    optimizer.apply([tf.constant(zeros)], [keras.Variable(zeros)])


def require_made(name: str, config: Mapping[str, Any], make: Make, meant: str) -> None:
    """Refuse a Keras configuration that cannot be made and used, and name the argument at fault.

    Args:
        name: What it configures, for the message.
        config: Its `class_name` and `config`.
        make: Makes it and uses it once.
        meant: Ends the message.

    Raises:
        ParameterError: It fails.
    """
    given = config["config"]
    try:
        make(config)
    except Exception as error:  # Keras and TensorFlow raise whatever they do
        faulty = next((key for key in given if _is_at_fault(key, given, config, make)), None)
        at = "" if faulty is None else f" {faulty} is {given[faulty]!r}:"
        raise ParameterError(f"{name}:{at} {first_line(error)}{meant}") from error


def _is_at_fault(key: str, given: Mapping[str, Any], config: Mapping[str, Any], make: Make) -> bool:
    """Tell whether it works without an argument, or with a number in its place."""
    without = {name: value for name, value in given.items() if name != key}
    for other in (without, {**given, key: 0.5}):
        try:
            make({**config, "config": other})
        except Exception:  # as above
            continue
        return True
    return False


def check_numbers(name: str, config: Mapping[str, Any]) -> None:
    """Refuse numbers that are not finite, and rates and bounds below 0, in a Keras configuration.

    Args:
        name: Of the parameter that holds it.
        config: Configuration of an optimizer or a schedule.

    Raises:
        ParameterError: There is such a number.
    """
    for key, value in _numbers(config):
        if not math.isfinite(value):
            raise ParameterError(f"{name}: {key} must be a finite number, but is {value!r}.")
        if key.endswith(_NOT_NEGATIVE) and value < 0:
            raise ParameterError(f"{name}: {key} must be 0 or more, but is {value!r}.")


def _numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, int | float):
        yield key, float(value)
    elif isinstance(value, Mapping):
        for inner, child in value.items():
            yield from _numbers(child, str(inner))
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _numbers(child, key)
