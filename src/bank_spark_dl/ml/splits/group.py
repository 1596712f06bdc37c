"""Order whole groups of rows by a hash."""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, FloatType

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.spark.sql import quoted

HASH_BITS: Final = 53
"""So many of the 64 are exact in a double."""


def group_hash(rows: DataFrame, name: str, seed: int) -> Column:
    """Return a hash of each row's group.

    Args:
        rows: Clean rows.
        name: Raw name of the column whose equal values make a group.
        seed: Another seed, other hashes.

    Returns:
        Whole numbers from 0; null where a row has no group.
    """
    column, kind = F.col(quoted(carried_name(name))), rows.schema[carried_name(name)].dataType
    known = column.isNotNull()
    if isinstance(kind, DoubleType | FloatType):
        known &= ~F.isnan(column)
    hashed = F.xxhash64(F.lit("group"), F.lit(seed), column)
    return F.when(known, F.pmod(hashed, F.lit(2**HASH_BITS)))
