"""Columns under numbers while their texts are read and checked, and under their names again.

A column may be called anything: like one of the reader's own, or what Spark takes for SQL.
"""

from collections.abc import Collection
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import StructField, StructType

from bank_spark_dl.spark.sql import quoted

_NAME: Final = "__name"


def numbered(schema: StructType) -> StructType:
    """Return the same fields, called c0, c1, ...; each keeps its name for people."""
    return StructType(
        [
            StructField(f"c{place}", field.dataType, field.nullable, field.metadata | {_NAME: name})
            for place, (name, field) in enumerate(zip(schema.names, schema, strict=True))
        ]
    )


def name_of(field: StructField) -> str:
    """Return the name of a numbered field."""
    return str(field.metadata[_NAME])


def by_number(schema: StructType) -> list[Column]:
    """Select named columns under the numbers of a numbered schema."""
    return [sf.col(quoted(name_of(field))).alias(field.name) for field in schema]


def by_name(schema: StructType) -> list[Column]:
    """Select the columns of a numbered schema under their names."""
    return [sf.col(field.name).alias(name_of(field)) for field in schema]


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: with as many underscores before it as that needs."""
    while name in taken:
        name = f"_{name}"
    return name
