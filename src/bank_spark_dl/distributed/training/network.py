"""The description of a compiled network as plain values."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras

from bank_spark_dl.distributed.config import is_taken, require
from bank_spark_dl.distributed.converters import to_number
from bank_spark_dl.distributed.runtime.keras_seeds import seeds_drawn_from
from bank_spark_dl.distributed.runtime.safe_keras import network_from_json
from bank_spark_dl.distributed.training.compile_check import (
    arguments,
    check_loss_and_metrics,
    check_numbers,
    check_optimizer,
    require_made,
)
from bank_spark_dl.distributed.training.description_check import check_description
from bank_spark_dl.distributed.training.network_check import built_network
from bank_spark_dl.distributed.training.output_check import check_outputs
from bank_spark_dl.errors import ParameterError


@dataclass(frozen=True)
class NetworkSpec:
    """Everything a process needs to compile the network. Hashable: it is the cache's key.

    Attributes:
        keras_model_config: Network as Keras JSON.
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.
        optimizer_config: Keras optimizer configuration as JSON.
        learning_rate_schedule: Keras schedule configuration as JSON, or None.
        class_weights: Weight of the loss for labels 0 and 1, or None.
        batch_size: Rows of a step.
    """

    keras_model_config: str
    loss: str
    metrics: tuple[str, ...]
    optimizer_config: str
    learning_rate_schedule: str | None
    class_weights: tuple[float, float] | None
    batch_size: int

    def fingerprint(self) -> dict[str, Any]:
        """Return the spec as plain JSON values, to compare two trainings."""
        record: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return record

    def over_steps(self, steps: int) -> "NetworkSpec":
        """Complete a schedule that says neither where it starts nor how long it lasts.

        Args:
            steps: Steps of the whole training; `decay_steps` if the schedule names none.

        Returns:
            The spec whose schedule starts, if it names no rate, at the optimizer's.

        Raises:
            ParameterError: Keras has no such schedule, or cannot make one of these arguments.
        """
        if self.learning_rate_schedule is None:
            return self
        schedule = json.loads(self.learning_rate_schedule)
        check_numbers("learning_rate_schedule", schedule)
        if not isinstance(schedule.get("class_name"), str):
            raise ParameterError(
                'learning_rate_schedule names no schedule: give {"class_name": "CosineDecay", '
                '"config": {...}}.'
            )
        given = schedule["config"] = arguments("learning_rate_schedule", schedule)
        accepted = _schedule_arguments(schedule["class_name"])
        warm_up = given.get("warmup_steps", 0)
        known = is_taken(to_number, warm_up)
        require(known, "learning_rate_schedule: warmup_steps", warm_up, "a number")
        completed = {"decay_steps": max(steps - warm_up, 1)}
        rate = json.loads(self.optimizer_config).get("config", {}).get("learning_rate")
        if rate is not None:
            completed["initial_learning_rate"] = rate
        schedule["config"] = {k: v for k, v in completed.items() if k in accepted} | given
        name = f"learning_rate_schedule {schedule['class_name']!r}"
        require_made(name, schedule, _first_rate, "")
        return replace(self, learning_rate_schedule=json.dumps(schedule, sort_keys=True))


def build_schedule(config: dict[str, Any]) -> Any:
    """Build a Keras learning-rate schedule from its configuration."""
    return keras.optimizers.schedules.deserialize(config)


def _first_rate(config: Mapping[str, Any]) -> float:
    """Ask a schedule for a rate: Keras looks at some arguments no sooner."""
    return float(build_schedule(dict(config))(keras.ops.convert_to_tensor(1, "int64")))


def _schedule_arguments(name: str) -> set[str]:
    """Names of the arguments of a Keras schedule's constructor."""
    known = vars(keras.optimizers.schedules)
    schedules = sorted(key for key, value in known.items() if inspect.isclass(value))
    if name not in schedules:
        raise ParameterError(
            f"learning_rate_schedule: Keras has no schedule {name!r}; it has "
            f"{', '.join(key for key in schedules if key != 'LearningRateSchedule')}."
        )
    return set(inspect.signature(known[name]).parameters)


def build_network(spec: NetworkSpec) -> Any:
    """Build and compile the Keras model a spec describes, with fresh weights."""
    return _compiled(network_from_json(spec.keras_model_config), spec)


def _compiled(model: Any, spec: NetworkSpec) -> Any:
    optimizer = keras.optimizers.get(json.loads(spec.optimizer_config))
    model.compile(optimizer=optimizer, loss=spec.loss, metrics=list(spec.metrics))
    optimizer.build(model.trainable_variables)
    return model


def first_network(spec: NetworkSpec, seed: int) -> Any:
    """Build and compile the network with the weights a seed stands for, and check all of it.

    Raises:
        InputDataError: The network holds code.
        ParameterError: Network, loss, metrics or optimizer cannot be trained with.
    """
    check_description(spec.keras_model_config)
    with seeds_drawn_from(seed):
        model = built_network(spec.keras_model_config)
    check_outputs(model)
    check_loss_and_metrics(model, spec.loss, spec.metrics)
    check_optimizer(json.loads(spec.optimizer_config))
    return _compiled(model, spec)
