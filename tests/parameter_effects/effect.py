"""What shows that a parameter has an effect, and when two observations are alike."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any

from bank_spark_dl.parameters import Parameters
from tests.parameter_effects.table import Table


@dataclass(frozen=True)
class Effect:
    """An observation that another value of a parameter changes.

    Attributes:
        observe: What is observed.
        value: The other value.
        others: Values of other parameters that are needed to see it.
    """

    observe: Callable[[Table, Parameters], Any]
    value: Any
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def observation(self) -> str:
        """A name for what is observed without the other value."""
        return f"{self.observe.__module__}.{self.observe.__name__} {dict(self.others)}"


def alike(one: Any, other: Any) -> bool:
    """Tell whether two observations differ in the last digits of sums at most.

    Spark adds up in the order in which tasks end: these digits differ without any cause.
    """
    if is_dataclass(one) and is_dataclass(other):
        return alike(vars(one), vars(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)
