"""Decide what each column of a table is used for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    NumericType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

from bank_spark_dl.drafting.inspection import ColumnFacts
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.roles import Roles

Use = Literal["label", "id", "time", "group", "category", "number", "date", "dropped"]

MIN_COUNT: Final = 10
"""Rows that a category needs to be an input of its own."""
MAX_CATEGORIES: Final = 100
"""Categories of a column that are inputs of their own, at most."""
MOSTLY_MISSING: Final = 0.95
"""A column with a larger share of missing values is dropped."""
FEWEST_VALUES: Final = 5
"""A column with fewer values is dropped: the train rows might have none of them."""
NEARLY_EVERY: Final = 0.9
"""A text column with more different values than this share of its values is like an id."""

_ID_NAME: Final = re.compile(r"(^|[^a-z])(id|key|uuid|guid|number|no|nr|index)$|[a-z]I[Dd]$")


@dataclass(frozen=True)
class ColumnPlan:
    """What a column is used for, and why.

    Attributes:
        facts: What it holds.
        kind: Its declared type.
        use: What it is used for.
        reason: What was seen, in a few words.
    """

    facts: ColumnFacts
    kind: DataType
    use: Use
    reason: str

    @property
    def name(self) -> str:
        """The column's name."""
        return self.facts.name


def plan_columns(
    columns: Mapping[str, tuple[ColumnFacts, DataType]],
    roles: Roles,
    sample: pd.DataFrame,
    label: Label,
) -> list[ColumnPlan]:
    """Decide what each column is used for.

    Args:
        columns: What each column holds, and its declared type.
        roles: The columns whose use is known.
        sample: Some rows; texts or None.
        label: What is predicted.
    """
    special: dict[str | None, tuple[Use, str]] = {
        roles.row_id: ("id", "another value in every row"),
        roles.time: ("time", "the newest rows are the test rows"),
        roles.group: ("group", _groups(columns, roles.group)),
        roles.label: ("label", _predicted(label, columns[roles.label][0])),
    }
    return [
        ColumnPlan(facts, kind, *(special.get(name) or _use(facts, kind, sample[name])))
        for name, (facts, kind) in columns.items()
    ]


def _predicted(label: Label, facts: ColumnFacts) -> str:
    return f"{len(label.rows):,} classes" if label.rows else _range(facts)


def _groups(columns: Mapping[str, tuple[ColumnFacts, DataType]], name: str | None) -> str:
    return f"{columns[name][0].distinct:,} groups of rows" if name else ""


def looks_like_id(facts: ColumnFacts, kind: DataType, distinct: int) -> bool:
    """Tell whether a column identifies rows.

    Every row must have a value of its own. A whole number must also be called like an id, or
    count the rows.

    Args:
        facts: What the column holds.
        kind: Its declared type.
        distinct: Different values, exact.
    """
    if distinct < facts.rows or facts.missing:
        return False
    if isinstance(kind, StringType):
        return True
    counts_rows = facts.high is not None and facts.high - (facts.low or 0.0) < 2 * facts.rows
    return bool(_ID_NAME.search(facts.name.lower()) or _ID_NAME.search(facts.name)) or counts_rows


def _use(facts: ColumnFacts, kind: DataType, values: pd.Series) -> tuple[Use, str]:
    if facts.missing > MOSTLY_MISSING * facts.rows or facts.values < FEWEST_VALUES:
        return "dropped", f"{facts.missing / facts.rows:.1%} of its values are missing"
    if facts.distinct == 1:
        return "dropped", f"one value: {_shortened(values)}"
    if isinstance(kind, StringType):
        return _use_of_text(facts, values)
    if isinstance(kind, DateType | TimestampType | TimestampNTZType):
        return "date", f"{facts.distinct:,} different times"
    if isinstance(kind, BooleanType):
        return "number", "true and false"
    if isinstance(kind, NumericType):
        return "number", _range(facts)
    return "dropped", f"of the type {kind.simpleString()}"


def _use_of_text(facts: ColumnFacts, values: pd.Series) -> tuple[Use, str]:
    if facts.distinct > NEARLY_EVERY * facts.values:
        return "dropped", "another text in nearly every row"
    seen = int(values.value_counts().max())
    # Twice as many in the table: enough are train rows.
    if seen * facts.rows < 2 * MIN_COUNT * len(values) or seen < FEWEST_VALUES:
        return "dropped", f"about {facts.distinct:,} texts, none in {2 * MIN_COUNT} rows"
    return "category", f"{facts.distinct:,} categories"


def _shortened(values: pd.Series, most: int = 30) -> str:
    first = values.dropna().iloc[:1].tolist()
    text = str(first[0]) if first else ""
    return repr(text if len(text) <= most else text[:most] + "...")


def _range(facts: ColumnFacts) -> str:
    return f"{_short(facts.low)} to {_short(facts.high)}"


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:,.6g}"
