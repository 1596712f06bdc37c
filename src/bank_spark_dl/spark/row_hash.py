"""Identify rows by their content."""

import json
from hashlib import sha256

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.spark.sql import quoted


def hash_rows(rows: DataFrame) -> str:
    """Hash the columns and the set of rows, in one Spark job.

    Args:
        rows: Any rows; their order and partitions do not matter.

    Returns:
        A SHA-256, in hex, of the schema, the number of rows and two sums of 64-bit hashes of them.
    """
    text = sf.to_json(sf.struct(*(sf.col(quoted(name)) for name in rows.columns)))
    sums = (sf.sum(sf.xxhash64(sf.lit(n), text).cast("decimal(38, 0)")) for n in range(2))
    figures = rows.agg(sf.count(sf.lit(1)), *sums).collect()[0]
    return sha256(json.dumps([rows.dtypes, *map(str, figures)]).encode()).hexdigest()
