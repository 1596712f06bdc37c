"""Count what each column of a table holds, in one pass over the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, DoubleType, FloatType, StringType

from bank_spark_dl.csv_validation.columns import REPLACEMENT
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

MISSING_WORDS: Final = ("na", "n/a", "nan", "null", "?", "-")
"""What people write, in upper or lower case, where there is no value."""

_DATED: Final = "substr(text, 5, 1) = '-' AND text RLIKE"
FORMS: Final = {
    "boolean": "lower(text) IN ('true', 'false')",
    # No letter is smaller than a colon, digits and signs are: most texts need no closer look.
    "text": "text >= ':'",
    "whole": "text RLIKE r'^[+-]?(0|[1-9][0-9]{0,17})$'",
    "decimal": "text RLIKE r'^[+-]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$'",
    "comma": "text RLIKE r'^[+-]?((0|[1-9][0-9]*),[0-9]*|,[0-9]+)$'",
    "date": f"{_DATED} r'^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' "
    "AND try_cast(text AS DATE) IS NOT NULL",
    "timestamp": f"{_DATED} r'^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T][0-9]{{2}}:[0-9]{{2}}' "
    "AND try_cast(text AS TIMESTAMP) IS NOT NULL",
}
"""What a value looks like, and the condition in SQL; the first that holds counts.

A whole number with a leading zero is a text: it is a code.
"""
_WHITESPACE: Final = r"' \t\r\n\u00a0'"
_ACCURACY: Final = 0.02  # relative standard deviation of the number of distinct values


@dataclass(frozen=True)
class ColumnFacts:
    """What a column holds.

    Attributes:
        name: As in the table, without whitespace around it.
        kind: Its type in the table; that of a CSV file's column is text.
        rows: Rows of the table.
        forms: How many values look like what; see FORMS.
        words: What stands where a value is missing, besides nothing at all.
        distinct: Different values, within some percent.
        undecodable: Values with bytes that are not in the file's encoding.
        low: The smallest number; None without numbers.
        high: The largest one.
    """

    name: str
    kind: DataType
    rows: int
    forms: Mapping[str, int]
    words: tuple[str, ...]
    distinct: int
    undecodable: int
    low: float | None
    high: float | None

    @property
    def values(self) -> int:
        """Rows with a value."""
        return sum(self.forms.values())

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.rows - self.values

    def all_are(self, *forms: str) -> bool:
        """Tell whether there are values, and all look like one of these."""
        return 0 < self.values == sum(self.forms.get(form, 0) for form in forms)


def inspect_columns(rows: DataFrame, missing_words: Sequence[str]) -> list[ColumnFacts]:
    """Count what each column holds, in one Spark job.

    Args:
        rows: A table with columns of simple types.
        missing_words: Texts that mean that there is no value, in lower case.

    Returns:
        The columns in the table's order; none if there are no rows.
    """
    # One aggregation of long rows: generated code for one of each column is too long to compile.
    texts = sf.array(*(as_text(field.name, field.dataType) for field in rows.schema))
    long = rows.select(sf.posexplode(texts).alias("column", "text"))
    longest = max(map(len, missing_words), default=0)
    is_word = (sf.length("text") <= longest) & sf.lower("text").isin(*missing_words)
    values = long.select(
        "column",
        sf.when(is_word, sf.col("text")).alias("word"),
        sf.when(~is_word, sf.col("text")).alias("text"),
    ).withColumn("form", _form())
    with one_job_per_action(rows.sparkSession):
        counted = values.groupBy("column", "form").agg(*_figures()).orderBy("column").collect()
    by_column = groupby(counted, key=itemgetter("column"))
    return [
        _facts(field.name.strip(), field.dataType, list(found))
        for field, (_, found) in zip(rows.schema, by_column, strict=bool(counted))
    ]


def as_text(name: str, kind: DataType) -> Column:
    """Return a column's values as trimmed texts, null for nothing but whitespace and for NaN."""
    value = quoted(name)
    if isinstance(kind, StringType):
        return sf.expr(f"nullif(trim(BOTH {_WHITESPACE} FROM {value}), '')")
    if isinstance(kind, DoubleType | FloatType):
        return sf.expr(f"CAST(nullif({value}, CAST('NaN' AS {kind.simpleString()})) AS STRING)")
    return sf.expr(f"CAST({value} AS STRING)")


def _form() -> Column:
    cases = " ".join(f"WHEN {condition} THEN '{form}'" for form, condition in FORMS.items())
    return sf.expr(f"CASE WHEN text IS NULL THEN NULL {cases} ELSE 'text' END")


def _figures() -> list[Column]:
    is_number = "form IN ('whole', 'decimal', 'comma')"
    number = f"CAST(IF({is_number}, replace(text, ',', '.'), NULL) AS DOUBLE)"
    figures = {
        "count": "count(1)",
        "words": "collect_set(word)",
        "distinct": f"approx_count_distinct(text, {_ACCURACY})",
        "undecodable": f"count_if(contains(text, '{REPLACEMENT}'))",
        "low": f"min({number})",
        "high": f"max({number})",
    }
    return [sf.expr(f"{sql} AS {name}") for name, sql in figures.items()]


def _facts(name: str, kind: DataType, found: list[Row]) -> ColumnFacts:
    """Put together what was counted of a column, form by form: no value has two."""
    return ColumnFacts(
        name=name,
        kind=kind,
        rows=sum(row["count"] for row in found),
        forms={row["form"]: row["count"] for row in found if row["form"] is not None},
        words=tuple(sorted(word for row in found for word in row["words"])),
        distinct=sum(row["distinct"] for row in found),
        undecodable=sum(row["undecodable"] for row in found),
        low=min((row["low"] for row in found if row["low"] is not None), default=None),
        high=max((row["high"] for row in found if row["high"] is not None), default=None),
    )
