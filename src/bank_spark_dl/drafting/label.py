"""Choose the label's positive class."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bank_spark_dl.drafting.sample import MOST_VALUES
from bank_spark_dl.errors import InputDataError

FEWEST_ROWS: Final = 2
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "1.0"})
_SHOWN: Final = 5


@dataclass(frozen=True)
class Label:
    """The column to predict.

    Attributes:
        name: Its name.
        positive: The class whose probability is predicted.
        negative: The other one.
        rows: Rows of each class.
        reason: Why the positive class was chosen.
    """

    name: str
    positive: str
    negative: str
    rows: Mapping[str, int]
    reason: str


def choose_label(
    source: str, name: str, counts: Mapping[str | None, int], positive: str | None
) -> Label:
    """Choose the positive class: as given, else yes, true or 1, else the rarer one.

    Args:
        source: The table's path, for messages.
        name: The label's name.
        counts: Rows by class, the most frequent first; None for rows without one.
        positive: The class that the user names.

    Raises:
        InputDataError: There are not two classes, a row has none, or no class is called so.
    """
    classes = {value: rows for value, rows in counts.items() if value is not None}
    if missing := counts.get(None, 0):
        raise InputDataError(
            f"{source}: the label '{name}' is empty in {missing:,} rows. Fill it, or remove these "
            "rows."
        )
    if len(classes) != 2:
        raise InputDataError(
            f"{source}: the label '{name}' must have two classes, but has {_described(classes)}. "
            "Name another column with --label."
        )
    if rare := [value for value, rows in classes.items() if rows < FEWEST_ROWS]:
        raise InputDataError(
            f"{source}: the class {rare[0]!r} of the label '{name}' has {classes[rare[0]]} row, "
            "and train and test rows need one each. Add rows with it."
        )
    chosen, reason = _positive(source, name, classes, positive)
    (negative,) = classes.keys() - {chosen}
    return Label(name, chosen, negative, classes, reason)


def find_column(source: str, name: str, names: list[str], option: str) -> str:
    """Return the column of a name that the user gave.

    Raises:
        InputDataError: The table has no such column.
    """
    if name.strip() in names:
        return name.strip()
    folded = {one.casefold(): one for one in names}
    close = get_close_matches(name.strip().casefold(), folded, n=1)
    hint = f"Did you mean '{folded[close[0]]}'?" if close else f"It has {', '.join(names)}."
    raise InputDataError(f"{source} has no column '{name}', which {option} names. {hint}")


def _positive(
    source: str, name: str, classes: Mapping[str, int], positive: str | None
) -> tuple[str, str]:
    if positive is not None:
        if positive.strip() not in classes:
            raise InputDataError(
                f"{source}: the label '{name}' has no class '{positive}', which --positive names. "
                f"It has {_described(classes)}."
            )
        return positive.strip(), "as given by --positive"
    said_yes = [value for value in classes if value.lower() in _YES]
    if len(said_yes) == 1:
        return said_yes[0], "it says yes"
    rarer = min(classes, key=lambda value: (classes[value], value))
    return rarer, "it is the rarer one"


def _described(classes: Mapping[str, int]) -> str:
    shown = [f"{value!r} ({rows:,} rows)" for value, rows in classes.items()][:_SHOWN]
    if len(classes) <= _SHOWN:
        return f"{len(classes)}: {', '.join(shown)}" if classes else "none"
    more = f"at least {len(classes)}" if len(classes) >= MOST_VALUES - 1 else str(len(classes))
    return f"{more}: {', '.join(shown)} and others"
