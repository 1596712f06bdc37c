"""What a parameter accepts: each converter takes a value or says in a phrase what it must be."""

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

Converter = Callable[[Any], Any]


def optional(converter: Converter) -> Converter:
    """Let a converter pass None."""
    return lambda value: None if value is None else converter(value)


def to_whole(value: Any) -> int:
    """Accept a whole number, 2.0 too; True is none."""
    if not _is_number(value) or value != int(value):
        raise _refused("a whole number", value)
    return int(value)


def to_number(value: Any) -> float:
    """Accept a finite number; True is none."""
    if not _is_number(value):
        raise _refused("a number", value)
    return float(value)


def to_share(value: Any) -> float:
    """Accept a share above 0 and below 1."""
    if not _is_number(value) or not 0 < value < 1:
        raise _refused("a share of rows above 0 and below 1", value)
    return float(value)


def to_flag(value: Any) -> bool:
    """Accept True and False."""
    if not isinstance(value, bool):
        raise _refused("True or False", value)
    return value


def to_text(value: Any) -> str:
    """Accept a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise _refused("a text", value)
    return value


def to_description(value: Any) -> str:
    """Accept a network as Keras JSON."""
    if not isinstance(value, str):
        raise TypeError(f"is a {type(value).__name__} and no text: give it model.to_json()")
    return value


def to_texts(value: Any) -> list[str]:
    """Accept a list of texts."""
    if isinstance(value, str) or not all(isinstance(item, str) for item in _items(value)):
        raise _refused("a list of texts", value)
    return list(value)


def to_mapping(value: Any) -> dict[str, Any]:
    """Accept a mapping with text keys."""
    if not isinstance(value, Mapping):
        raise _refused("a mapping", value)
    return {str(key): item for key, item in value.items()}


def to_class_weights(value: Any) -> dict[str, float]:
    """Accept a mapping from label (0 and 1) to a weight of 0 or more, one of them above 0."""
    kind = "weights of the labels 0 and 1, 0 or more and not both 0"
    try:
        weights = {str(int(key)): to_number(weight) for key, weight in to_mapping(value).items()}
    except (TypeError, ValueError):
        raise _refused(kind, value) from None
    if set(weights) != {"0", "1"} or min(weights.values()) < 0 or max(weights.values()) == 0:
        raise _refused(kind, value)
    return weights


def _is_number(value: Any) -> bool:
    return type(value) is not bool and isinstance(value, Real) and math.isfinite(value)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [None]


def _refused(kind: str, value: Any) -> TypeError:
    shown = repr(value)
    return TypeError(f"must be {kind}, but is {shown if len(shown) < 100 else type(value)}")
