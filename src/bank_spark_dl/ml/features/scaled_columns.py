"""Choose the numeric columns that are standardized."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ScaledColumn:
    """The decision for one numeric column.

    Attributes:
        value: The statistic over the train rows; None for a constant column.
        standardized: Whether the value lies outside of the bounds.
    """

    value: float | None
    standardized: bool


@dataclass(frozen=True)
class ScaledColumns:
    """Which numeric columns are standardized, and why.

    Attributes:
        statistic: What decides.
        lower: A column is standardized if its value is below this,
        upper: or above this.
        columns: By raw name of the numeric inputs; empty if they are encoded piecewise-linearly.
    """

    statistic: Literal["skewness", "kurtosis"]
    lower: float
    upper: float
    columns: dict[str, ScaledColumn]

    @property
    def standardized(self) -> list[str]:
        """Names of the standardized columns, in the order of the inputs."""
        return [name for name, column in self.columns.items() if column.standardized]
