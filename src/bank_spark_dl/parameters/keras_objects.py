"""Check Keras's optimizers and learning-rate schedules, given by name and arguments."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, PositiveFloat, model_validator

from bank_spark_dl.parameters import keras_names
from bank_spark_dl.parameters.fields import Section


class KerasOptions(Section):
    """A Keras object: every key that is no field here is an argument of its constructor.

    An argument that is null has Keras's default.

    Attributes:
        known: Arguments by name of the class, separated by spaces.
        name: Keras's name of the class; of optimizers in lower case.
    """

    model_config = ConfigDict(extra="allow")
    known: ClassVar[Mapping[str, str]]

    name: str

    @model_validator(mode="after")
    def _arguments_fit(self) -> Self:
        if self.name not in self.known:
            raise ValueError(f"name is {self.name!r}: it should be one of {_listed(self.known)}")
        known, arguments = self.known[self.name].split(), self.model_extra or {}
        if unknown := arguments.keys() - known:
            raise ValueError(
                f"{self.name} has no argument {_listed(unknown)}: it has {_listed(known)}"
            )
        given = {key: value for key, value in arguments.items() if value is not None}
        for key, value in given.items():
            if expected := _expected(key, value):
                raise ValueError(f"{key} is {value!r}: it should be {expected}")
        if missing := set(keras_names.REQUIRED.get(self.name, "").split()) - given.keys():
            raise ValueError(f"{self.name} needs {_listed(missing)}: add what is missing")
        return self


class OptimizerOptions(KerasOptions):
    """A Keras optimizer.

    Attributes:
        learning_rate: Above 0.
    """

    known = keras_names.OPTIMIZERS

    learning_rate: PositiveFloat


class ScheduleOptions(KerasOptions):
    """A Keras learning-rate schedule."""

    known = keras_names.SCHEDULES


def _expected(key: str, value: Any) -> str | None:
    """Say what an argument should be; None if it is."""
    parts = value if isinstance(value, list) else [None]
    if key in keras_names.NAME_LISTS:
        return None if all(isinstance(part, str) for part in parts) else "a list of names"
    if key in keras_names.NUMBER_LISTS:
        return None if all(map(_is_number, parts)) else "a list of numbers"
    return None if _is_number(value) else "a number, true or false"


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
