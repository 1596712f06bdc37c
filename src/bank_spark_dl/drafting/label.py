"""Look at the label: which task it sets, and which of two classes is the positive one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from pyspark.sql.types import DataType

from bank_spark_dl.drafting.task import check_positive, decide_task
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.target import MOST_CLASSES, TaskName

FEWEST_ROWS: Final = 2
_FEWEST: Final = 2  # rows of a class on average; with fewer the values are no classes
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "1.0"})
_SHOWN: Final = 5


@dataclass(frozen=True)
class Label:
    """The column to predict.

    Attributes:
        name: Its name.
        task: What it holds: two classes, more classes, or numbers.
        reason: Why the positive class was chosen, or the task.
        rows: Rows of each class; of numbers none.
        positive: The class of two whose probability is predicted.
    """

    name: str
    task: TaskName
    reason: str
    rows: Mapping[str, int] = field(default_factory=dict)
    positive: str | None = None

    @property
    def figure(self) -> str:
        """What says how well a column alone foretells it."""
        return "R2" if self.task == "regression" else "AUC"


def choose_label(
    source: str,
    name: str,
    kind: DataType,
    counts: Mapping[str | None, int],
    task: TaskName | None = None,
    positive: str | None = None,
) -> Label:
    """Decide the task, and of two classes the positive one.

    It is as given, else yes, true or 1, else the rarer one.

    Args:
        source: The table's path, for messages.
        name: The label's name.
        kind: Its declared type.
        counts: Rows by value, the most frequent first, one more than MOST_CLASSES at most; None for
            rows without one.
        task: The task that the user names.
        positive: The class that the user names.

    Raises:
        InputDataError: A row has no label, it does not fit the task, a class has one row, or none
            is called so.
        ParameterError: A positive class is named, and there are not two.
    """
    values = {value: rows for value, rows in counts.items() if value is not None}
    if missing := counts.get(None, 0):
        raise InputDataError(
            f"{source}: the label '{name}' is empty in {missing:,} rows. Fill it, or remove these "
            "rows."
        )
    decided, reason = decide_task(source, name, kind, values, task)
    check_positive(decided, positive)
    if decided == "regression":
        _check_differ(source, name, values)
        return Label(name, decided, reason)
    _check_classes(source, name, decided, values)
    if decided == "multiclass":
        return Label(name, decided, reason, values)
    chosen, reason = _positive(source, name, values, positive)
    return Label(name, decided, reason, values, chosen)


def _check_differ(source: str, name: str, values: Mapping[str, int]) -> None:
    if len(values) < 2:
        raise InputDataError(
            f"{source}: the label '{name}' must have different numbers, but has "
            f"{_described(values)}. Name another column with --label."
        )


def _check_classes(source: str, name: str, task: TaskName, classes: Mapping[str, int]) -> None:
    about = f"{source}: the label '{name}'"
    number = len(classes)
    if number < 2 or (task == "binary" and number > 2) or (task == "multiclass" and number == 2):
        wanted = "more than two" if task == "multiclass" and number == 2 else "two"
        wanted += "" if task == "binary" or number == 2 else " or more"
        raise InputDataError(
            f"{about} must have {wanted} classes, but has {_described(classes)}. Name another "
            "column with --label."
        )
    if number > MOST_CLASSES or number * _FEWEST > sum(classes.values()):
        found = f"more than {MOST_CLASSES:,}" if number > MOST_CLASSES else f"{number:,}"
        raise InputDataError(
            f"{about} has {found} different values in {sum(classes.values()):,} rows, which are "
            f"too many to be classes. Name another column with --label."
        )
    if rare := [value for value, rows in classes.items() if rows < FEWEST_ROWS]:
        others = f" (so have {len(rare) - 1} others)" if len(rare) > 1 else ""
        raise InputDataError(
            f"{source}: the class {rare[0]!r} of the label '{name}' has {classes[rare[0]]} row"
            f"{others}, and train and test rows need one each. Add rows with it."
        )


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
    more = f"more than {MOST_CLASSES}" if len(classes) > MOST_CLASSES else str(len(classes))
    return f"{more}: {', '.join(shown)} and others"
