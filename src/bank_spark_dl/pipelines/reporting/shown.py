"""Numbers as the report and the card show them."""

from dataclasses import astuple
from typing import Final

from bank_spark_dl.ml.evaluation.intervals import Interval

MISSING: Final = "–"
LARGE, HUGE = 1000, 1e15
"""From LARGE on, numbers go without decimals; from HUGE on, with an exponent."""


def shown_number(value: float, sign: str = "") -> str:
    """Return a number in the label's units, with four digits or all before the point.

    Args:
        value: Any number.
        sign: "+" to show it always.
    """
    if LARGE <= abs(value) < HUGE:
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.4g}"


def shown_share(value: float) -> str:
    """Return a share in percent."""
    return f"{100 * value:.0f}%"


def shown_figure(value: Interval | None) -> str:
    """Return a share with its interval."""
    if value is None:
        return MISSING
    return "{:.3f} ({:.3f}–{:.3f})".format(*astuple(value))


def optional_figure(value: float | None, digits: int = 3) -> str:
    """Return a figure, or a dash in its place."""
    return MISSING if value is None else f"{value:.{digits}f}"
