"""Count what each column of a table holds, in one pass over the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, DoubleType, FloatType, StringType

from bank_spark_dl.csv_validation.columns import REPLACEMENT
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import literal, quoted

MISSING_WORDS: Final = ("na", "n/a", "nan", "null", "?", "-")
"""What people write, in upper or lower case, where there is no value."""

_WHOLE: Final = r"^[+-]?[0-9]{1,18}$"
_ZEROS: Final = r"^[+-]?0[0-9]"
_DECIMAL: Final = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
_COMMA: Final = r"^[+-]?([0-9]+,[0-9]*|,[0-9]+)$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}"
_WHITESPACE: Final = r"' \t\r\n\u00a0'"
_ACCURACY: Final = 0.02  # relative standard deviation of the number of distinct values


@dataclass(frozen=True)
class ColumnFacts:
    """What a column holds.

    Attributes:
        name: As in the table, without whitespace around it.
        kind: Its type in the table; that of a CSV file's column is text.
        rows: Rows of the table.
        values: Rows with a value.
        words: What stands where a value is missing, besides nothing at all.
        wholes: Values that are whole numbers.
        zeros: Whole numbers with a leading zero, as in codes.
        decimals: Values that are numbers, with a point.
        commas: Values that are numbers with a decimal comma.
        booleans: Values that are true or false.
        dates: Values that are dates, as in 2026-01-31.
        timestamps: Values that are a date and a time.
        undecodable: Values with bytes that are not in the file's encoding.
        distinct: Different values, within some percent.
        low: The smallest number; None without numbers.
        high: The largest one.
    """

    name: str
    kind: DataType
    rows: int
    values: int
    words: tuple[str, ...]
    wholes: int
    zeros: int
    decimals: int
    commas: int
    booleans: int
    dates: int
    timestamps: int
    undecodable: int
    distinct: int
    low: float | None
    high: float | None

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.rows - self.values


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
    is_word = sf.lower("text").isin(*missing_words)
    values = long.select(
        "column",
        sf.when(is_word, sf.col("text")).alias("word"),
        sf.when(~is_word, sf.col("text")).alias("text"),
    )
    with one_job_per_action(rows.sparkSession):
        counted = values.groupBy("column").agg(*_figures()).orderBy("column").collect()
    return [
        ColumnFacts(name=field.name.strip(), kind=field.dataType, **_as_facts(row.asDict()))
        for field, row in zip(rows.schema, counted, strict=bool(counted))
    ]


def as_text(name: str, kind: DataType) -> Column:
    """Return a column's values as trimmed texts, null for nothing but whitespace and for NaN."""
    value = quoted(name)
    if isinstance(kind, StringType):
        return sf.expr(f"nullif(trim(BOTH {_WHITESPACE} FROM {value}), '')")
    if isinstance(kind, DoubleType | FloatType):
        return sf.expr(f"CAST(nullif({value}, CAST('NaN' AS {kind.simpleString()})) AS STRING)")
    return sf.expr(f"CAST({value} AS STRING)")


def _figures() -> list[Column]:
    number = "try_cast(replace(text, ',', '.') AS DOUBLE)"
    figures = {
        "rows": "count(1)",
        "values": "count(text)",
        "words": "collect_set(word)",
        "wholes": _matching(_WHOLE),
        "zeros": f"count_if(text RLIKE {literal(_WHOLE)} AND text RLIKE {literal(_ZEROS)})",
        "decimals": _matching(_DECIMAL),
        "commas": _matching(_COMMA),
        "booleans": "count_if(lower(text) IN ('true', 'false'))",
        "dates": f"count_if(text RLIKE {literal(_DATE)} AND try_cast(text AS DATE) IS NOT NULL)",
        "timestamps": f"count_if(text RLIKE {literal(_TIMESTAMP)} "
        "AND try_cast(text AS TIMESTAMP) IS NOT NULL)",
        "undecodable": f"count_if(contains(text, '{REPLACEMENT}'))",
        "distinct": f"approx_count_distinct(text, {_ACCURACY})",
        "low": f"min({number})",
        "high": f"max({number})",
    }
    return [sf.expr(f"{sql} AS {name}") for name, sql in figures.items()]


def _matching(pattern: str) -> str:
    return f"count_if(text RLIKE {literal(pattern)})"


def _as_facts(row: dict[str, Any]) -> dict[str, Any]:
    del row["column"]
    return row | {"words": tuple(sorted(row["words"]))}
