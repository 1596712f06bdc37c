"""Read and set parameters by dotted names, such as `model.layers.0.units`."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from bank_spark_dl.errors import ParameterError

EACH = "*"
"""Stands for all places of a list."""


def get_value(sections: Any, name: str) -> Any:
    """Return a parameter's value; with `*`, a list of several where they differ.

    Args:
        sections: Nested mappings and lists.
        name: Keys, and places in lists, joined by dots.

    Raises:
        ParameterError: There is no such parameter.
    """
    values = []
    for holder, key in _holders(sections, name.split("."), name):
        if isinstance(holder, dict) and key not in holder:
            raise _no_such(name, str(key))
        values.append(holder[key])
    if not values:
        raise ParameterError(f"{name} names an empty list: fill it, or leave the name out.")
    return values[0] if all(value == values[0] for value in values) else values


def set_value(sections: Any, name: str, value: Any) -> None:
    """Set a parameter; with `*`, all that the name stands for.

    Args:
        sections: Nested mappings and lists, which are changed.
        name: Keys, and places in lists, joined by dots.
        value: The new value.

    Raises:
        ParameterError: There is no mapping or list that could hold it.
    """
    for holder, key in _holders(sections, name.split("."), name):
        holder[key] = deepcopy(value)


def flattened(sections: Mapping[str, Any], before: str = "", between: str = ".") -> dict[str, Any]:
    """Return the values of nested mappings by one name each.

    Args:
        sections: Nested mappings; an empty one is a value.
        before: What all names begin with.
        between: What joins the keys of a name.
    """
    values: dict[str, Any] = {}
    for key, value in sections.items():
        if isinstance(value, Mapping) and value:
            values |= flattened(value, f"{before}{key}{between}", between)
        else:
            values[f"{before}{key}"] = value
    return values


def _holders(part: Any, keys: list[str], name: str) -> Iterator[tuple[Any, Any]]:
    """Yield each mapping or list that holds what is named, and its key or place there."""
    first, *others = keys
    for key in _keys(part, first, name):
        if not others:
            yield part, key
        elif isinstance(part, dict) and key not in part:
            raise _no_such(name, first)
        else:
            yield from _holders(part[key], others, name)


def _keys(part: Any, key: str, name: str) -> list[Any]:
    if isinstance(part, dict):
        return [key]
    if not isinstance(part, list):
        raise ParameterError(
            f"{name} is no parameter here: what should hold {key} is {part!r}. Set it first, or "
            "leave the name out."
        )
    if key == EACH:
        return list(range(len(part)))
    if not key.isdecimal() or int(key) >= len(part):
        raise _no_such(name, key)
    return [int(key)]


def _no_such(name: str, part: str) -> ParameterError:
    return ParameterError(f"{name} is not a parameter: there is no {part}.")
