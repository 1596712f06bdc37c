"""Describe the columns of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bank_spark_dl.ml.raw_source import RawSource


@dataclass(frozen=True)
class ColumnProfile:
    """Counts of a column of any type.

    Attributes:
        count: Rows with a value.
        nulls: Rows without one.
        distinct: Different values.
        distinct_is: "approximate" where `distinct` has a relative error of about 1.6%.
    """

    count: int
    nulls: int
    distinct: int
    distinct_is: Literal["exact", "approximate"]


@dataclass(frozen=True)
class NumberProfile(ColumnProfile):
    """Moments of a numeric column, taken as doubles; None where they are undefined.

    Attributes:
        mean: Arithmetic mean.
        std: Sample standard deviation.
        min: Smallest value.
        max: Largest value.
        skewness: As Spark defines it.
        kurtosis: Excess kurtosis, as Spark defines it.
    """

    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    skewness: float | None
    kurtosis: float | None


@dataclass(frozen=True)
class TextProfile(ColumnProfile):
    """The values of a text column.

    Attributes:
        top: Rows by value, of the ten most frequent values, the most frequent first.
    """

    top: dict[str, int]


@dataclass(frozen=True)
class DataProfile(RawSource):
    """A raw table and what its columns hold.

    Attributes:
        rows: Number of rows.
        columns: By raw name, in the table's order.
    """

    rows: int
    columns: Mapping[str, ColumnProfile | NumberProfile | TextProfile]
