"""Load and check the summary figures that the rows are drawn from."""

import hashlib
from abc import ABC, abstractmethod
from functools import cache
from importlib.resources import files
from itertools import product
from math import isclose
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conditional(_Strict, ABC):
    """Shares of a column's outcomes, one row of shares for each group of its parents.

    Attributes:
        given: The parents: columns with categories, or bands, drawn before this one.
        shares: From the parents' values, joined by "|" ("all" without parents), to the
            probabilities of the outcomes, in [0, 1], adding up to 1.
    """

    given: tuple[str, ...]
    shares: dict[str, tuple[float, ...]]

    @property
    @abstractmethod
    def outcomes(self) -> int:
        """How many outcomes there are."""

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        for group, row in self.shares.items():
            if len(row) != self.outcomes or min(row) < 0 or not isclose(sum(row), 1, abs_tol=1e-6):
                raise ValueError(f"shares of {group!r} are not {self.outcomes} shares of 1")
        return self


class Categories(Conditional):
    """A column of strings: one outcome per value."""

    values: tuple[str, ...]

    @property
    def outcomes(self) -> int:
        """How many values there are."""
        return len(self.values)


class Histogram(Conditional):
    """A column of integers: outcome i is the bin [edges[i], edges[i + 1]), even inside."""

    edges: tuple[int, ...]

    @property
    def outcomes(self) -> int:
        """How many bins there are."""
        return len(self.edges) - 1


class Effect(_Strict):
    """What each group of some factors adds to the label's log-odds."""

    of: tuple[str, ...]
    logits: dict[str, float]


class Label(_Strict):
    """The binary label: a logistic model of the columns drawn before it; values[1] is positive."""

    values: tuple[str, str]
    intercept: float
    effects: tuple[Effect, ...]


class Band(_Strict):
    """A numeric column, or the label's "logit", cut at the lower bounds of its bands."""

    of: str
    lower: tuple[float, ...]


class Figures(_Strict):
    """All figures: columns in the order of drawing, each after those it depends on."""

    provenance: dict[str, Any]
    reference: dict[str, Any]
    bands: dict[str, Band]
    columns: dict[str, Categories | Histogram | Label]

    def groups(self, factors: tuple[str, ...]) -> list[str]:
        """List the keys of all groups of these factors, the last factor running fastest."""
        return ["|".join(key) or "all" for key in product(*(self._names(f) for f in factors))]

    def _names(self, factor: str) -> list[str]:
        if band := self.bands.get(factor):
            return [f"{bound:g}" for bound in band.lower]
        column = self.columns[factor]
        if isinstance(column, Histogram):
            raise ValueError(f"{factor} is numeric: name a band of it instead")
        return list(column.values)


def figures_file() -> bytes:
    """Read the packaged figures.json."""
    return files(__package__).joinpath("figures.json").read_bytes()


def figures_sha256() -> str:
    """Hash the packaged figures: tells which figures a sample was made from."""
    return hashlib.sha256(figures_file()).hexdigest()


@cache
def load_figures() -> Figures:
    """Load and check the packaged figures.

    Returns:
        The figures.

    Raises:
        pydantic.ValidationError: When figures.json does not have the declared shape.
    """
    return Figures.model_validate_json(figures_file())
