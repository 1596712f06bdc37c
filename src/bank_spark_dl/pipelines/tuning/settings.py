"""The settings of a trial."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ValidationError

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import (
    ChoiceOptions,
    ElephasOptions,
    FeatureOptions,
    ModelOptions,
    RangeOptions,
    TuningOptions,
)
from bank_spark_dl.parameters.dotted_names import get_value, set_value
from bank_spark_dl.parameters.tuning import LEARNING_RATE

_WARM_UP = "elephas.learning_rate_schedule.warmup_target"
_OPTIMIZER = "elephas.optimizer.learning_rate"


@dataclass(frozen=True)
class Settings:
    """The sections of the parameters that can be searched.

    Attributes:
        features: Settings of the feature stages.
        model: Layers of the network.
        elephas: How it is trained.
    """

    features: FeatureOptions
    model: ModelOptions
    elephas: ElephasOptions

    def dump(self) -> dict[str, Any]:
        """Return the sections as nested mappings and lists."""
        return {name: getattr(self, name).model_dump() for name in ("features", "model", "elephas")}

    def real_name(self, name: str) -> str:
        """Return the dotted name of a parameter that a search names."""
        return _real_name(name, self.dump())

    def value(self, name: str) -> Any:
        """Return the value of a parameter that a search names.

        Raises:
            ParameterError: There is no such parameter.
        """
        return get_value(self.dump(), self.real_name(name))

    def searched_values(self, options: TuningOptions) -> dict[str, Any]:
        """Return the values of the searched parameters whose conditions are met."""
        return {
            name: self._as_choice(name, entry)
            for name, entry in options.searched().items()
            if self.meet(entry.when, {})
        }

    def meet(self, when: Mapping[str, list[Any]], values: Mapping[str, Any]) -> bool:
        """Tell whether conditions are met.

        Args:
            when: Allowed values by parameter.
            values: Values that differ from those of these settings.
        """
        return all(
            values[name] in allowed
            if name in values
            else any(self._is(name, value) for value in allowed)
            for name, allowed in when.items()
        )

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return the settings with other values, those of whole sections first.

        Args:
            values: By name, as a search names parameters.

        Raises:
            ParameterError: A value is not allowed, or there is no such parameter.
        """
        sections = self.dump()
        # A learning rate belongs to the optimizer or the schedule that other values choose.
        for name in sorted(values, key=lambda name: (name == LEARNING_RATE, name.count("."))):
            set_value(sections, _real_name(name, sections), values[name])
        try:
            return type(self)(
                FeatureOptions.model_validate(sections["features"]),
                ModelOptions.model_validate(sections["model"]),
                ElephasOptions.model_validate(sections["elephas"]),
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ParameterError(f"{first['msg']}{f' ({key})' if key else ''}.") from error

    def _as_choice(self, name: str, entry: RangeOptions | ChoiceOptions) -> Any:
        """Return a value as the choice that means the same, if there is one."""
        choices = entry.choices if isinstance(entry, ChoiceOptions) else []
        same = (choice for choice in choices if self._is(name, choice))
        return next(same, self.value(name))

    def _is(self, name: str, value: Any) -> bool:
        """Tell whether a value, completed by defaults, is the present one."""
        present = self.value(name)
        if value == present or not isinstance(value, dict | list):
            return bool(value == present)
        try:
            return bool(self.with_values({name: value}).value(name) == present)
        except ParameterError:
            return False


def _real_name(name: str, sections: Mapping[str, Any]) -> str:
    if name != LEARNING_RATE:
        return name
    warms_up = "warmup_target" in (sections["elephas"]["learning_rate_schedule"] or {})
    return _WARM_UP if warms_up else _OPTIMIZER


def check_space(settings: Settings, options: TuningOptions) -> None:
    """Refuse a search whose values are not allowed, before anything is trained.

    Args:
        settings: Those that the search starts with.
        options: What is searched.

    Raises:
        ParameterError: A parameter does not exist, or one of its values is not allowed.
    """
    for name, entry in options.searched().items():
        values = entry.choices if isinstance(entry, ChoiceOptions) else [entry.low, entry.high]
        try:
            for other in entry.when:
                if other not in options.searched():
                    settings.value(other)
            conditions = _conditions(name, options)
            where = settings.with_values(conditions)
            where.value(name)
        except ParameterError as error:
            raise ParameterError(f"tuning.space: {name}: {error}") from error
        for value in values:
            try:
                settings.with_values(conditions | {name: value})
            except ParameterError as error:
                wrong = f"tuning.space: {name} cannot be {value!r}"
                raise ParameterError(f"{wrong}: {error}") from error


def _conditions(name: str, options: TuningOptions) -> dict[str, Any]:
    """Return values with which a parameter is searched: the first ones that its conditions allow.

    Raises:
        ParameterError: A condition cannot be met.
    """
    space = options.searched()
    values: dict[str, Any] = {}
    for other, allowed in space[name].when.items():
        value = allowed[0]
        entry = space.get(other)
        if isinstance(entry, ChoiceOptions):
            found = [choice for choice in entry.choices if choice in allowed]
            if not found:
                raise ParameterError(f"no choice of {other} is one of {allowed} of its `when`.")
            value = found[0]
        values |= (_conditions(other, options) if entry is not None else {}) | {other: value}
    return values


def rung_epochs(settings: Settings, options: TuningOptions) -> list[int]:
    """Return the numbers of epochs at which trials are compared; the last one is all epochs.

    Args:
        settings: Those of a trial.
        options: How trials are ended early.
    """
    halving, epochs = options.halving, settings.elephas.epochs
    if halving is None:
        return [epochs]
    factors = [halving.reduction_factor**power for power in reversed(range(halving.rungs))]
    return list(dict.fromkeys(math.ceil(epochs / factor) for factor in factors))
