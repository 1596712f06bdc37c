"""Find a table's files, their format, and a frame of their rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kedro.io import AbstractDataset
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType, StructField, StructType

from bank_spark_dl.csv_validation.file_formats import foreign_format
from bank_spark_dl.csv_validation.files import Source, find_files, read_heads
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.csv_validation.raw_text import NO_TYPES, find_texts
from bank_spark_dl.datasets.loaded_table import load_table
from bank_spark_dl.drafting.credentials import refuse_secrets
from bank_spark_dl.drafting.csv_form import find_form
from bank_spark_dl.frame_validation.file_schemas import NANOSECONDS, file_schema
from bank_spark_dl.spark.hadoop_fs import shown
from bank_spark_dl.spark.sql import quoted

Format = Literal["csv", "parquet", "orc", "json", "table"]
_START = 64 * 1024  # bytes of the first file that show how it is written


@dataclass(frozen=True)
class TableSource:
    """Where a table lies and how it is written.

    Attributes:
        path: As the user gave it; the name of a dataset.
        file_format: Of all its files; table for what a dataset loads.
        load_args: How the catalog's dataset must read it, besides the schema.
        dataset: What the catalog says of a dataset that loads it.
    """

    path: str
    file_format: Format
    load_args: dict[str, Any] = field(default_factory=dict)
    dataset: Mapping[str, Any] | None = None


def open_table(
    spark: SparkSession, path: str, encoding: str | None = None
) -> tuple[TableSource, DataFrame]:
    """Find out how a table is written, and read it.

    Args:
        spark: A classic session.
        path: A file, a folder or a pattern.
        encoding: Of a CSV file; None: UTF-8 if its first bytes are, else ISO-8859-1.

    Returns:
        The source, and its rows; those of a CSV file as texts.

    Raises:
        InputDataError: There is no such file, or it is no table.
    """
    found = find_files(spark, path)
    start = next(read_heads(spark, found.files[:1], _START))
    file_format = _format_of(start)
    if file_format == "json":
        return TableSource(path, file_format), spark.read.json(found.roots)
    if file_format != "csv":
        return TableSource(path, file_format), _typed(spark, file_format, found)
    first = shown(found.files[0])
    if (foreign := foreign_format(first, start)) is not None:
        raise foreign
    form = find_form(first, start)
    load_args: dict[str, Any] = {"sep": form.sep}
    if form.quote != CSVOptions.quote:
        load_args["quote"] = form.quote
    if (encoding := encoding or form.encoding) != CSVOptions.encoding:
        load_args["encoding"] = encoding
    if form.blanks:
        load_args["ignoreLeadingWhiteSpace"] = True
    declared = StructType([StructField(name, StringType()) for name in form.names])
    texts = find_texts(spark, path, declared, (), (), CSVOptions.parse(load_args))
    rows = texts.read_untrimmed(multi_line=False, types=NO_TYPES)
    return TableSource(path, "csv", load_args), rows.select(*map(quoted, form.names))


def open_dataset(
    name: str, dataset: AbstractDataset[Any, Any], config: Mapping[str, Any]
) -> tuple[TableSource, DataFrame]:
    """Load the table of a dataset whose entry in the catalog may be copied.

    Args:
        name: The dataset's name.
        dataset: The dataset.
        config: What the catalog says of it.

    Raises:
        ParameterError: Its entry holds a secret in plain text.
        InputDataError: It cannot be loaded, or is no table.
    """
    refuse_secrets(name, config)
    return TableSource(name, "table", dataset=config), load_table(name, dataset)


def _typed(spark: SparkSession, file_format: Format, found: Source) -> DataFrame:
    schema = file_schema(spark, found.files[0], file_format)
    rows = spark.read.format(file_format).load(found.roots)
    nanoseconds = [field.name for field in schema if NANOSECONDS in field.metadata]
    times = {name: sf.expr(f"timestamp_micros({quoted(name)} div 1000)") for name in nanoseconds}
    return rows.withColumns(times)


def _format_of(start: bytes) -> Format:
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"ORC") and b"\0" in start[:1024]:
        return "orc"
    return "json" if start.lstrip().startswith(b'{"') else "csv"
