"""Read the schema of Parquet files from a footer, where Spark would start a job for it."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

SCHEMA_KEY: Final = "org.apache.spark.sql.parquet.row.metadata"
"""Under which Spark's ParquetWriteSupport keeps the schema of what it writes."""


def written_schema(spark: "SparkSession", folder: str) -> "StructType | None":
    """Return the schema that Spark wrote into the files of a folder.

    Args:
        spark: A classic session.
        folder: URI of a folder that one writer has written, without partition columns.

    Returns:
        The schema; None where no file lies in the folder itself, or its footer cannot be read, or
        something else wrote it. Spark then looks for itself, and says what is wrong.
    """
    from pyspark.sql.types import StructType

    with suppress(Py4JJavaError):
        footer = _footer(spark, folder)
        if footer is not None:
            return StructType.fromJson(json.loads(footer))
    return None


def _footer(spark: "SparkSession", folder: str) -> str | None:
    """Return the schema as Spark wrote it, in JSON."""
    jvm: Any = spark._jvm
    configuration = spark._jsc.hadoopConfiguration()
    path = jvm.org.apache.hadoop.fs.Path(folder)
    entries = path.getFileSystem(configuration).listStatus(path)
    part = next((entry for entry in entries if _is_part(entry)), None)
    if part is None:
        return None
    parquet = jvm.org.apache.parquet.hadoop
    reader = parquet.ParquetFileReader.open(
        parquet.util.HadoopInputFile.fromStatus(part, configuration)
    )
    try:
        written: str | None = reader.getFileMetaData().getKeyValueMetaData().get(SCHEMA_KEY)
    finally:
        reader.close()
    return written


def _is_part(entry: Any) -> bool:
    name = entry.getPath().getName()
    return bool(entry.isFile() and name.endswith(".parquet") and name[0] not in "._")
