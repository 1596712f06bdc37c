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

    def sections(self) -> tuple[FeatureOptions, ModelOptions, ElephasOptions]:
        """Return the sections."""
        return self.features, self.model, self.elephas

    def dump(self) -> dict[str, Any]:
        """Return the sections as nested mappings and lists."""
        return {name: getattr(self, name).model_dump() for name in ("features", "model", "elephas")}

    def real_name(self, name: str) -> str:
        """Return the dotted name of a parameter that a search names."""
        if name != LEARNING_RATE:
            return name
        schedule = self.elephas.learning_rate_schedule
        warms_up = schedule is not None and "warmup_target" in schedule.model_dump()
        return _WARM_UP if warms_up else _OPTIMIZER

    def value(self, name: str) -> Any:
        """Return the value of a parameter that a search names.

        Raises:
            ParameterError: There is no such parameter.
        """
        return get_value(self.dump(), self.real_name(name))

    def searched_values(self, options: TuningOptions) -> dict[str, Any]:
        """Return the values of the searched parameters whose conditions are met."""
        return {
            name: self.value(name)
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
            (values[name] if name in values else self.value(name)) in allowed
            for name, allowed in when.items()
        )

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return the settings with other values.

        Args:
            values: By name, as a search names parameters.

        Raises:
            ParameterError: A value is not allowed, or there is no such parameter.
        """
        sections = self.dump()
        for name, value in values.items():
            set_value(sections, self.real_name(name), value)
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


def check_space(settings: Settings, options: TuningOptions) -> None:
    """Refuse a search whose values are not allowed, before anything is trained.

    Args:
        settings: Those that the search starts with.
        options: What is searched. Parameters with conditions are checked when their trial starts.

    Raises:
        ParameterError: A parameter does not exist, or one of its values is not allowed.
    """
    for name, entry in options.searched().items():
        ends = entry.choices if isinstance(entry, ChoiceOptions) else [entry.low, entry.high]
        for value in [] if entry.when else ends:
            try:
                settings.value(name)
                settings.with_values({name: value})
            except ParameterError as error:
                wrong = f"tuning.space: {name} cannot be {value!r}"
                raise ParameterError(f"{wrong}: {error}") from error


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
    return [math.ceil(epochs / factor) for factor in factors]
