"""Build and complete learning-rate schedules."""

import inspect
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import keras

from bank_spark_dl.distributed.config import NetworkConfig
from bank_spark_dl.distributed.converters import NOT_NEGATIVE, checked
from bank_spark_dl.distributed.training.optimizer_check import check_numbers, require_made
from bank_spark_dl.errors import ParameterError


def build_schedule(config: Mapping[str, Any]) -> Any:
    """Build a Keras learning-rate schedule from its configuration."""
    return keras.optimizers.schedules.deserialize(deepcopy(config))  # Keras changes what it gets


def complete_schedule(config: NetworkConfig, steps: int) -> NetworkConfig:
    """Complete a schedule that lacks its first rate or its number of steps.

    Args:
        config: Has the schedule, or none.
        steps: Train steps of the whole training; `decay_steps` if the schedule names none.

    Returns:
        The configuration whose schedule starts, if it names no rate, at the optimizer's.

    Raises:
        ParameterError: Keras has no such schedule, or cannot make one of these arguments.
    """
    schedule = config.learning_rate_schedule
    if schedule is None:
        return config
    given = schedule["config"]
    check_numbers("learning_rate_schedule", schedule)
    accepted = _schedule_arguments(schedule["class_name"])
    warm_up = given.get("warmup_steps", 0)
    checked("learning_rate_schedule: warmup_steps", NOT_NEGATIVE, warm_up)
    completed = {"decay_steps": max(steps - warm_up, 1)}
    rate = config.optimizer_config["config"].get("learning_rate")
    if rate is not None:
        completed["initial_learning_rate"] = rate
    known = {name: value for name, value in completed.items() if name in accepted}
    schedule = {**schedule, "config": known | given}
    require_made(f"learning_rate_schedule {schedule['class_name']!r}", schedule, _first_rate, "")
    return replace(config, learning_rate_schedule=schedule)


def _first_rate(config: Mapping[str, Any]) -> float:
    """Compute a learning rate: Keras checks some arguments only then."""
    return float(build_schedule(config)(keras.ops.convert_to_tensor(1, "int64")))


def _schedule_arguments(name: str) -> set[str]:
    """Return the names of the arguments of a Keras schedule's constructor."""
    known = vars(keras.optimizers.schedules)
    schedules = sorted(key for key, value in known.items() if inspect.isclass(value))
    if name not in schedules:
        raise ParameterError(
            f"learning_rate_schedule: Keras has no schedule {name!r}; it has "
            f"{', '.join(key for key in schedules if key != 'LearningRateSchedule')}."
        )
    return set(inspect.signature(known[name]).parameters)
