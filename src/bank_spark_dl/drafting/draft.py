"""Look at a table and decide how it is read and what its columns are used for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, IntegralType, StringType

from bank_spark_dl.drafting.column_types import decimal_mark, declared_type
from bank_spark_dl.drafting.csv_form import FALLBACK
from bank_spark_dl.drafting.inspection import MISSING_WORDS, ColumnFacts, inspect_columns
from bank_spark_dl.drafting.label import Label, choose_label, find_column
from bank_spark_dl.drafting.plan import (
    NEARLY_EVERY,
    ColumnPlan,
    looks_like_id,
    plan_columns,
)
from bank_spark_dl.drafting.sample import (
    count_distinct,
    count_values,
    single_column_aucs,
    take_sample,
)
from bank_spark_dl.drafting.source import TableSource, open_table
from bank_spark_dl.errors import InputDataError

SUSPICIOUS_AUC: Final = 0.98
"""A column that alone ranks held-out rows so well may hold the label itself."""
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
        suspicious: Columns that alone foretell the label suspiciously well: their AUC.
    """

    source: TableSource
    rows: int
    label: Label
    columns: list[ColumnPlan]
    suspicious: Mapping[str, float]

    def used_as(self, *uses: str) -> list[ColumnPlan]:
        """Return the columns with one of these uses."""
        return [column for column in self.columns if column.use in uses]


def draft_table(
    spark: SparkSession, path: str, label: str, positive: str | None, row_id: str | None
) -> Draft:
    """Look at a table: one pass over all rows, the label's classes, and a sample.

    Args:
        spark: A classic session.
        path: A file, a folder or a pattern.
        label: The column to predict.
        positive: The class whose probability is predicted; None: chosen.
        row_id: The column that identifies a row; None: chosen.

    Raises:
        InputDataError: The table cannot be read or used; the message says why.
    """
    source, rows = open_table(spark, path)
    names = [name.strip() for name in rows.columns]
    label = find_column(path, label, names, "--label")
    row_id = find_column(path, row_id, names, "--id") if row_id else None
    words = MISSING_WORDS if source.file_format == "csv" else ()
    source, rows, facts = _inspected(spark, source, rows, words)
    raw = dict(zip(names, rows.columns, strict=True))
    classes = choose_label(path, label, count_values(rows, raw[label], words), positive)
    decimal = decimal_mark(facts, source.load_args.get("sep"))
    sample = take_sample(rows, facts[0].rows, words, decimal)
    types = [declared_type(column, source.file_format, decimal) for column in facts]
    columns = {one.name: (one, kind) for one, kind in zip(facts, types, strict=True)}
    columns = _counted(columns, sample)
    if row_id:
        _check_id(path, row_id, count_distinct(rows, [raw[row_id]])[0], facts[0].rows)
    chosen = row_id or _find_id(rows, raw, columns, label)
    plans = plan_columns(columns, label, chosen, sample)
    if not any(plan.use in INPUTS for plan in plans):
        raise InputDataError(f"{path} has no column that could say anything about '{label}'.")
    suspicious = _suspicious(sample, classes, plans)
    return Draft(_read_as(source, decimal, facts), facts[0].rows, classes, plans, suspicious)


def _inspected(
    spark: SparkSession, source: TableSource, rows: DataFrame, words: Sequence[str]
) -> tuple[TableSource, DataFrame, list[ColumnFacts]]:
    """Inspect the columns; read a CSV file that is not UTF-8 after all once more."""
    facts = inspect_columns(rows, words)
    if source.file_format == "csv" and any(column.undecodable for column in facts):
        source, rows = open_table(spark, source.path, encoding=FALLBACK)
        facts = inspect_columns(rows, words)
    if not facts:
        raise InputDataError(f"{source.path} has a header and no rows. Replace it by a whole copy.")
    return source, rows, facts


def _counted(columns: Columns, sample: pd.DataFrame) -> Columns:
    """Count different values exactly where the sample is the whole table."""
    return {
        name: (replace(facts, distinct=int(sample[name].nunique())), kind)
        if facts.rows == len(sample)
        else (facts, kind)
        for name, (facts, kind) in columns.items()
    }


def _find_id(rows: DataFrame, raw: Mapping[str, str], columns: Columns, label: str) -> str | None:
    """Find the column that identifies a row: the first that looks like it."""
    candidates = {
        name: (facts, kind)
        for name, (facts, kind) in columns.items()
        if name != label
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


def _check_id(path: str, name: str, distinct: int, rows: int) -> None:
    if distinct < rows:
        raise InputDataError(
            f"{path}: the column '{name}', which --id names, has {distinct:,} different values in "
            f"{rows:,} rows, so it does not identify a row. Name another one, or leave --id out."
        )


def _suspicious(
    sample: pd.DataFrame, label: Label, plans: Sequence[ColumnPlan]
) -> dict[str, float]:
    """Find the columns that alone foretell the label suspiciously well."""
    numeric = {plan.name: plan.use == "number" for plan in plans if plan.use in INPUTS}
    aucs = single_column_aucs(sample, sample[label.name] == label.positive, numeric)
    return {name: auc for name, auc in aucs.items() if auc >= SUSPICIOUS_AUC}


def _read_as(source: TableSource, decimal: str, facts: Sequence[ColumnFacts]) -> TableSource:
    """Say how the table's dataset reads decimal commas and missing values."""
    words = sorted({word for column in facts for word in column.words})
    found: dict[str, Any] = {"decimal": decimal} if decimal != "." else {}
    found |= {"missing_values": words} if words else {}
    return replace(source, load_args=source.load_args | found)
