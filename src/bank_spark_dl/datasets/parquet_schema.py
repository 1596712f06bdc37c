"""Read the schema of Parquet files from a footer, where Spark would start a job for it."""

import json
from contextlib import suppress
from typing import Any, Final

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from bank_spark_dl.spark.hadoop_fs import locate

SCHEMA_KEY: Final = "org.apache.spark.sql.parquet.row.metadata"
"""Under which Spark's ParquetWriteSupport keeps the schema of what it writes."""


def written_schema(spark: SparkSession, folder: str) -> StructType | None:
    """Return the schema that Spark wrote into the files of a folder.

    Args:
        spark: A classic session.
        folder: URI of a folder that one writer has written, without partition columns.

    Returns:
        The schema; None where no file lies in the folder itself, or its footer cannot be read, or
        something else wrote it. Spark then looks for itself, and says what is wrong.
    """
    system, location = locate(spark, folder)
    with suppress(Py4JJavaError):
        for status in system.listStatus(location):
            name = status.getPath().getName()
            if status.isFile() and name.endswith(".parquet") and name[0] not in "._":
                written = _footer(spark, status).get(SCHEMA_KEY)
                return StructType.fromJson(json.loads(written)) if written else None
    return None


def _footer(spark: SparkSession, status: Any) -> Any:
    """Return the key-value metadata of a Parquet file."""
    jvm: Any = spark._jvm
    parquet = jvm.org.apache.parquet.hadoop
    file = parquet.util.HadoopInputFile.fromStatus(status, spark._jsc.hadoopConfiguration())
    reader = parquet.ParquetFileReader.open(file)
    try:
        return reader.getFileMetaData().getKeyValueMetaData()
    finally:
        reader.close()
