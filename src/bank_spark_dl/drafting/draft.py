"""Look at a table and decide how it is read and what its columns are used for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, IntegralType, StringType

from bank_spark_dl.csv_validation.columns import ORDER
from bank_spark_dl.drafting.column_types import decimal_mark, declared_type
from bank_spark_dl.drafting.csv_form import FALLBACK
from bank_spark_dl.drafting.inspection import MISSING_WORDS, ColumnFacts, inspect_columns
from bank_spark_dl.drafting.label import Label, choose_label
from bank_spark_dl.drafting.leakage import foretelling
from bank_spark_dl.drafting.plan import (
    NEARLY_EVERY,
    ColumnPlan,
    looks_like_id,
    plan_columns,
)
from bank_spark_dl.drafting.roles import Roles, check_group, check_id, check_time
from bank_spark_dl.drafting.sample import (
    count_distinct,
    count_values,
    take_sample,
)
from bank_spark_dl.drafting.source import TableSource, open_table
from bank_spark_dl.errors import InputDataError, ParameterError

SUSPICIOUS: Final = 0.98
"""A column that alone foretells held-out rows so well may hold the label itself."""
INPUTS: Final = ("category", "number", "date")

Columns = dict[str, tuple[ColumnFacts, DataType]]


@dataclass(frozen=True)
class Draft:
    """What was seen of a table, and what follows.

    Attributes:
        source: Where it lies and how it is read.
        rows: How many rows it has.
        label: What is to be predicted.
        columns: What each column is used for, in the table's order.
        suspicious: Columns that alone foretell the label suspiciously well: their AUC or R2.
        by_order: Whether the order of the file is that of time.
    """

    source: TableSource
    rows: int
    label: Label
    columns: list[ColumnPlan]
    suspicious: Mapping[str, float]
    by_order: bool = False

    def used_as(self, *uses: str) -> list[ColumnPlan]:
        """Return the columns with one of these uses."""
        return [column for column in self.columns if column.use in uses]

    @property
    def time(self) -> str | None:
        """The column that orders rows in time, or ORDER."""
        return ORDER if self.by_order else self._only("time")

    @property
    def group(self) -> str | None:
        """The column that says which rows belong together."""
        return self._only("group")

    def _only(self, use: str) -> str | None:
        return next((column.name for column in self.used_as(use)), None)


def draft_table(source: TableSource, rows: DataFrame, roles: Roles) -> Draft:
    """Look at a table: one pass over all rows, the label's classes, and a sample.

    Args:
        source: Where the table lies.
        rows: Its rows, those of a CSV file as texts.
        roles: What the user said about columns.

    Raises:
        InputDataError: The table cannot be read or used; the message says why.
        ParameterError: The roles contradict each other.
    """
    path = source.path
    names = [name.strip() for name in rows.columns]
    if source.dataset and roles.time == ORDER:
        raise ParameterError(
            f"The rows of {path} have no order: a dataset is no file. Name a column with --time."
        )
    roles = roles.found_in(path, names)
    label = roles.label
    words = MISSING_WORDS if source.file_format == "csv" else ()
    source, rows, facts = _inspected(source, rows, words)
    raw = dict(zip(names, rows.columns, strict=True))
    decimal = decimal_mark(facts, source.load_args.get("sep"))
    types = [declared_type(column, source.file_format, decimal) for column in facts]
    columns = {one.name: (one, kind) for one, kind in zip(facts, types, strict=True)}
    counts = count_values(rows, raw[label], words)
    predicted = choose_label(path, label, columns[label][1], counts, roles.task, roles.positive)
    sample = take_sample(rows, facts[0].rows, words, decimal)
    columns = _counted(columns, sample)
    _check_roles(path, roles, rows, raw, columns)
    roles = roles if roles.row_id else replace(roles, row_id=_find_id(rows, raw, columns, roles))
    plans = plan_columns(columns, roles, sample, predicted)
    if not any(plan.use in INPUTS for plan in plans):
        raise InputDataError(f"{path} has no column that could say anything about '{label}'.")
    suspicious = _suspicious(sample, predicted, plans)
    read_as = _read_as(source, decimal, facts)
    return Draft(read_as, facts[0].rows, predicted, plans, suspicious, roles.time == ORDER)


def _check_roles(
    path: str, roles: Roles, rows: DataFrame, raw: Mapping[str, str], columns: Columns
) -> None:
    """Refuse columns that cannot have the role that the user gave them."""
    if roles.time and roles.time != ORDER:
        check_time(path, *columns[roles.time])
    named = [name for name in (roles.row_id, roles.group) if name]
    distinct = dict(zip(named, count_distinct(rows, [raw[n] for n in named]), strict=True))
    if roles.row_id:
        check_id(path, roles.row_id, distinct[roles.row_id], columns[roles.row_id][0].rows)
    if roles.group:
        check_group(path, columns[roles.group][0], distinct[roles.group])


def _inspected(
    source: TableSource, rows: DataFrame, words: Sequence[str]
) -> tuple[TableSource, DataFrame, list[ColumnFacts]]:
    """Inspect the columns; read a CSV file that is not UTF-8 after all once more."""
    facts = inspect_columns(rows, words)
    if source.file_format == "csv" and any(column.undecodable for column in facts):
        source, rows = open_table(rows.sparkSession, source.path, encoding=FALLBACK)
        facts = inspect_columns(rows, words)
    if not facts:
        raise InputDataError(f"{source.path} has columns and no rows. Replace it by a whole copy.")
    return source, rows, facts


def _counted(columns: Columns, sample: pd.DataFrame) -> Columns:
    """Count different values exactly where the sample is the whole table."""
    return {
        name: (replace(facts, distinct=int(sample[name].nunique())), kind)
        if facts.rows == len(sample)
        else (facts, kind)
        for name, (facts, kind) in columns.items()
    }


def _find_id(rows: DataFrame, raw: Mapping[str, str], columns: Columns, roles: Roles) -> str | None:
    """Find the column that identifies a row: the first that looks like it."""
    candidates = {
        name: (facts, kind)
        for name, (facts, kind) in columns.items()
        if name not in (roles.label, roles.time, roles.group)
        and isinstance(kind, StringType | IntegralType)
        and not facts.missing
        and facts.distinct > NEARLY_EVERY * facts.rows
    }
    distinct = count_distinct(rows, [raw[name] for name in candidates])
    found = [
        name
        for (name, (facts, kind)), count in zip(candidates.items(), distinct, strict=True)
        if looks_like_id(facts, kind, count)
    ]
    return next(iter(found), None)


def _suspicious(
    sample: pd.DataFrame, label: Label, plans: Sequence[ColumnPlan]
) -> dict[str, float]:
    """Find the columns that alone foretell the label suspiciously well."""
    numeric = {plan.name: plan.use == "number" for plan in plans if plan.use in INPUTS}
    found = foretelling(sample, label, numeric)
    return {name: figure for name, figure in found.items() if figure >= SUSPICIOUS}


def _read_as(source: TableSource, decimal: str, facts: Sequence[ColumnFacts]) -> TableSource:
    """Say how the table's dataset reads decimal commas and missing values."""
    words = sorted({word for column in facts for word in column.words})
    found: dict[str, Any] = {"decimal": decimal} if decimal != "." else {}
    found |= {"missing_values": words} if words else {}
    return replace(source, load_args=source.load_args | found)
