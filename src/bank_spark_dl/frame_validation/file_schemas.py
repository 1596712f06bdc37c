"""Read the columns and types that Parquet, ORC and JSON lines files name, without a Spark job."""

import json
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from bank_spark_dl.csv_validation.files import read_heads
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import locate, shown

NAMES = {"parquet": "Parquet", "orc": "ORC", "json": "JSON lines"}
"""What messages call the formats that can be read."""
NANOSECONDS = "nanoseconds"
"""Metadata of whole numbers that stand for timestamps in a file."""
_NANOS_AS_LONG = "spark.sql.legacy.parquet.nanosAsLong"


def file_schema(spark: SparkSession, path: str, file_format: str) -> StructType:
    """Return the columns of a file.

    Args:
        spark: A classic session.
        path: Of the file.
        file_format: parquet, orc or json, of which the first line tells the columns, not the types.

    Raises:
        InputDataError: The file is damaged, or of another format.
    """
    if file_format == "json":
        return _first_line(spark, path)
    try:
        return _parquet(spark, path) if file_format == "parquet" else spark.read.orc(path).schema
    except (Py4JJavaError, PySparkException) as error:
        if "ILLEGAL" in str(error) or "UNSUPPORTED" in str(error).upper():
            raise InputDataError(
                f"{shown(path)}: Spark cannot read a type of its columns: "
                f"{str(error).splitlines()[0]} Save this column in another type."
            ) from error
        raise InputDataError(
            f"{shown(path)} is no {NAMES[file_format]} file, or it is cut off or damaged. "
            "Replace it by a whole copy, or correct file_format."
        ) from error


def _parquet(spark: SparkSession, path: str) -> StructType:
    jvm: Any = spark._jvm
    hadoop = jvm.org.apache.parquet.hadoop
    file = hadoop.util.HadoopInputFile.fromPath(
        locate(spark, path)[1], spark._jsc.hadoopConfiguration()
    )
    reader = hadoop.ParquetFileReader.open(file)
    try:
        message = reader.getFileMetaData().getSchema()
    finally:
        reader.close()
    nanos = {
        column.getName()
        for column in message.getFields()
        if "NANOS" in str(column.getLogicalTypeAnnotation())
    }
    if nanos:  # pandas writes these, and Spark reads them as whole numbers only
        spark.conf.set(_NANOS_AS_LONG, "true")
    parquet = jvm.org.apache.spark.sql.execution.datasources.parquet
    converter = parquet.ParquetToSparkSchemaConverter(spark._jsparkSession.sessionState().conf())
    found = StructType.fromJson(json.loads(converter.convert(message).json()))
    return StructType(
        [
            StructField(f.name, f.dataType, metadata={NANOSECONDS: True} if f.name in nanos else {})
            for f in found
        ]
    )


def _first_line(spark: SparkSession, path: str) -> StructType:
    (head,) = read_heads(spark, [path])
    line = head.decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    try:
        pairs = json.loads(line, object_pairs_hook=_Pairs)
    except ValueError:
        pairs = None
    if not isinstance(pairs, _Pairs):
        raise InputDataError(
            f"{shown(path)}: its first line is no JSON object: {line[:40]!r}. Write one object a "
            'line, such as {"age": 30}, or correct file_format.'
        )
    return StructType([StructField(name, StringType()) for name, _ in pairs])


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of a JSON object, doubled keys among them."""
