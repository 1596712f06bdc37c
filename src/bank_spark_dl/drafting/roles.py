"""Check the columns that the user gave a role."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyspark.sql.types import (
    DataType,
    DateType,
    NumericType,
    TimestampNTZType,
    TimestampType,
)

from bank_spark_dl.csv_validation.columns import ORDER
from bank_spark_dl.drafting.inspection import ColumnFacts
from bank_spark_dl.drafting.label import find_column
from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.target import TaskName

ORDERING: Final = (DateType, TimestampType, TimestampNTZType, NumericType)
"""Types whose values order rows in time."""

_FEWEST_GROUPS: Final = 20
_FEWEST_ROWS_EACH: Final = 1.2  # of a group, on average
_MOST_ROWS_EACH: Final = 100
_GROUP_NAME: Final = re.compile(
    r"(^|[^a-z])id($|[^a-z])|account|client|customer|household|member|patient|person|subject|user"
)
_CAMEL_ID: Final = re.compile(r"[a-z]I[Dd]($|[^a-z])")


@dataclass(frozen=True)
class Roles:
    """What the user said about columns.

    Attributes:
        label: The column to predict.
        positive: The class whose probability is predicted; None: chosen.
        row_id: The column that identifies a row; None: chosen.
        time: The column that orders rows in time, or ORDER: the newest rows are held out.
        group: The column whose equal values say that rows belong together: whole groups are held
            out.
        task: What the label is; None: decided.
    """

    label: str
    positive: str | None = None
    row_id: str | None = None
    time: str | None = None
    group: str | None = None
    task: TaskName | None = None

    def found_in(self, source: str, names: list[str]) -> "Roles":
        """Return the roles with columns as the table names them.

        Args:
            source: The table's path, for messages.
            names: Its columns.

        Raises:
            InputDataError: The table has no such column, or one has two roles.
            ParameterError: There are both a time and a group.
        """
        if self.time and self.group:
            raise ParameterError(
                "--time holds the newest rows out, --group whole groups, and rows are held out in "
                "one way only. Give one of them."
            )
        given = {"--label": self.label, "--id": self.row_id, "--group": self.group}
        given |= {"--time": None if self.time == ORDER else self.time}
        found = {
            option: find_column(source, name, names, option)
            for option, name in given.items()
            if name is not None
        }
        for option, name in found.items():
            if other := next((o for o, n in found.items() if n == name and o != option), None):
                raise InputDataError(
                    f"{source}: {option} and {other} both name '{name}', and a column has one role."
                )
        return replace(
            self,
            label=found["--label"],
            row_id=found.get("--id"),
            time=found.get("--time", self.time),
            group=found.get("--group"),
        )


def check_time(source: str, facts: ColumnFacts, kind: DataType) -> None:
    """Raise InputDataError if a column cannot order all rows in time."""
    if not isinstance(kind, ORDERING):
        raise InputDataError(
            f"{source}: the column '{facts.name}', which --time names, is of the type "
            f"{kind.simpleString()}, and only dates as 2024-12-31, timestamps and numbers order "
            "rows in time. Name another one, or --time :order if the rows stand in order."
        )
    _check_gaps(source, facts, "--time")


def check_group(source: str, facts: ColumnFacts, distinct: int) -> None:
    """Raise InputDataError if a column does not divide all rows into groups.

    Args:
        source: The table's path, for messages.
        facts: What the column holds.
        distinct: Its different values, exact.
    """
    _check_gaps(source, facts, "--group")
    if distinct in (1, facts.rows):
        has = "the same value" if distinct == 1 else "another value"
        raise InputDataError(
            f"{source}: the column '{facts.name}', which --group names, has {has} in every row, so "
            "no rows belong together by it. Name another one, or leave --group out."
        )


def check_id(source: str, name: str, distinct: int, rows: int) -> None:
    """Raise InputDataError if a column does not identify rows."""
    if distinct < rows:
        raise InputDataError(
            f"{source}: the column '{name}', which --id names, has {distinct:,} different values "
            f"in {rows:,} rows, so it does not identify a row. Name another one, or leave --id out."
        )


def repeating_ids(columns: Sequence[ColumnFacts]) -> Mapping[str, float]:
    """Return the columns that are called like an id and repeat: how many rows each value has."""
    return {
        facts.name: facts.values / facts.distinct
        for facts in columns
        if (_GROUP_NAME.search(facts.name.lower()) or _CAMEL_ID.search(facts.name))
        and facts.distinct >= _FEWEST_GROUPS
        and _FEWEST_ROWS_EACH * facts.distinct <= facts.values <= _MOST_ROWS_EACH * facts.distinct
    }


def _check_gaps(source: str, facts: ColumnFacts, option: str) -> None:
    if facts.missing:
        raise InputDataError(
            f"{source}: the column '{facts.name}', which {option} names, has no value in "
            f"{facts.missing:,} rows. Fill it, remove these rows, or name another column."
        )
