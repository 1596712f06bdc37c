"""Type converters of Spark `Param`s: the one place where a value's type and range are checked.

A converter returns the value or raises TypeError with a phrase that says what it must be.
"""

import json
import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from bank_spark_dl.errors import ParameterError

Converter = Callable[[Any], Any]


def checked(name: str, converter: Converter, value: Any) -> Any:
    """Return a converted value.

    Raises:
        ParameterError: It is not what the converter takes; the message begins with the name.
    """
    try:
        return converter(value)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} {error}.") from error


def optional(converter: Converter) -> Converter:
    """Let a converter pass None."""
    return lambda value: None if value is None else converter(value)


def whole_number(least: int, below: float = math.inf) -> Converter:
    """Accept whole numbers of a range, 2.0 too; True is none."""
    kind = f"a whole number of {least} or more" + (f", below {below}" if below < math.inf else "")

    def convert(value: Any) -> int:
        if not _is_number(value) or value != int(value) or not least <= value < below:
            raise _refused(kind, value)
        return int(value)

    return convert


def number(kind: str, allowed: Callable[[float], bool]) -> Converter:
    """Accept finite numbers that are allowed; True is none."""

    def convert(value: Any) -> float:
        if not _is_number(value) or not allowed(value):
            raise _refused(f"a number {kind}", value)
        return float(value)

    return convert


NOT_NEGATIVE = number("of 0 or more", lambda value: value >= 0)


def one_of(*names: str) -> Converter:
    """Accept some strings."""

    def convert(value: Any) -> str:
        if value not in names:
            raise _refused(f"one of {', '.join(names)}", value)
        return str(value)

    return convert


def to_flag(value: Any) -> bool:
    """Accept True and False."""
    if not isinstance(value, bool):
        raise _refused("True or False", value)
    return value


def to_string(value: Any) -> str:
    """Accept a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise _refused("a string", value)
    return value


def to_strings(value: Any) -> list[str]:
    """Accept a list of strings."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _refused("a list of strings", value)
    return list(value)


def to_keras_json(value: Any) -> str:
    """Accept a network as Keras JSON."""
    if not isinstance(value, str):
        raise TypeError(f"is a {type(value).__name__} and no string: give it model.to_json()")
    return value


def to_mapping(value: Any) -> dict[str, Any]:
    """Accept a mapping with string keys."""
    if not isinstance(value, Mapping):
        raise _refused("a mapping", value)
    return {str(key): item for key, item in value.items()}


def to_keras_config(value: Any) -> dict[str, Any]:
    """Accept the Keras configuration of an object; its arguments may be absent."""
    kind = 'a Keras configuration, {"class_name": "NAME", "config": {"ARGUMENT": VALUE, ...}}'
    try:
        config: dict[str, Any] = json.loads(json.dumps(to_mapping(value), sort_keys=True))
    except (TypeError, ValueError):
        raise _refused(kind, value) from None
    arguments = config.get("config") or {}
    if not isinstance(config.get("class_name"), str) or not isinstance(arguments, dict):
        raise _refused(kind, value)
    return config | {"config": arguments}


def to_class_weights(value: Any) -> dict[str, float]:
    """Accept a mapping from each label (0, 1, ...) to a weight of 0 or more, one above 0."""
    kind = "weights of all labels, {0: NUMBER, 1: NUMBER, ...}, 0 or more and not all 0"
    try:
        weights = {int(key): NOT_NEGATIVE(item) for key, item in to_mapping(value).items()}
    except (TypeError, ValueError):
        raise _refused(kind, value) from None
    complete = len(weights) > 1 and sorted(weights) == list(range(len(weights)))
    if not complete or not any(weights.values()):
        raise _refused(kind, value)
    return {str(label): weights[label] for label in sorted(weights)}


def to_thresholds(value: Any) -> list[float]:
    """Accept a threshold of 0 or more for each class, at most one of them 0, as Spark ML does."""
    kind = "a list of thresholds, 0 or more, at most one of them 0"
    try:
        thresholds = [NOT_NEGATIVE(item) for item in value]
    except (TypeError, ValueError):
        raise _refused(kind, value) from None
    if len(thresholds) < 2 or thresholds.count(0.0) > 1:
        raise _refused(kind, value)
    return thresholds


def _is_number(value: Any) -> bool:
    return type(value) is not bool and isinstance(value, Real) and math.isfinite(value)


def _refused(kind: str, value: Any) -> TypeError:
    shown = repr(value)
    return TypeError(f"must be {kind}, but is {shown if len(shown) < 100 else type(value)}")
