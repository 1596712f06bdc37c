"""Call a node's function as Kedro does: with the inputs that it names."""

from collections.abc import Callable
from inspect import signature
from typing import Any


def call(function: Callable[..., Any], **inputs: Any) -> Any:
    """Call with those of the inputs that the function takes."""
    taken = signature(function).parameters
    return function(**{name: value for name, value in inputs.items() if name in taken})
