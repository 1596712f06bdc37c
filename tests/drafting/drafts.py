"""Drafts as they come from looking at a table, without a table."""

from typing import Any

from pyspark.sql.types import DataType, DoubleType, IntegerType, StringType, TimestampType

from bank_spark_dl.drafting.draft import Draft
from bank_spark_dl.drafting.inspection import ColumnFacts
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.plan import ColumnPlan, Use
from bank_spark_dl.drafting.source import TableSource

ROWS = 1000


def column(
    name: str, kind: DataType, use: Use, reason: str, missing: int = 0, distinct: int = 3
) -> ColumnPlan:
    facts = ColumnFacts(
        name=name,
        kind=kind,
        rows=ROWS,
        forms={"text": ROWS - missing},
        words=("?",) if missing else (),
        distinct=distinct,
        undecodable=0,
        low=None,
        high=None,
    )
    return ColumnPlan(facts, kind, use, reason)


def draft(**changes: Any) -> Draft:
    """A draft with a column of each use, and with names that YAML and OmegaConf could misread."""
    parts: dict[str, Any] = {
        "source": TableSource("some/t.csv", "csv", {"sep": ";", "missing_values": ["?"]}),
        "rows": ROWS,
        "label": Label("on", "binary", "it says yes", {"0": 700, "1": 300}, "1"),
        "columns": [
            column("key: 1", IntegerType(), "id", "another value in every row"),
            column("on", StringType(), "label", "2 classes"),
            column("${x}", StringType(), "category", "3 categories", missing=7),
            column("null", DoubleType(), "number", "0 to 1"),
            column("größe #", IntegerType(), "number", "1 to 9"),
            column("seen", TimestampType(), "date", "900 different times"),
            column('"', StringType(), "dropped", "one value: 'a'"),
        ],
        "suspicious": {"null": 0.991},
    }
    return Draft(**parts | changes)
