"""Read the values of files with types, as they stand there and as texts."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, DoubleType, FloatType, StringType, StructField, StructType

from bank_spark_dl.csv_validation.columns import BLOCK, FILE, MALFORMED
from bank_spark_dl.csv_validation.options import EXACT_PATHS
from bank_spark_dl.csv_validation.whitespace import is_padded, trimmed
from bank_spark_dl.frame_validation import json_lines
from bank_spark_dl.frame_validation.files import Columns, FrameFiles
from bank_spark_dl.spark.sql import quoted


def read_values(files: FrameFiles, placed: bool = False) -> DataFrame:
    """Return the columns in the types of the files, NaN as null, and what is malformed.

    Args:
        files: Files whose columns are as declared.
        placed: Whether to return file and block, too.
    """
    rows = _united(files, texts=False)
    return rows if placed else rows.drop(FILE, BLOCK)


def read_texts(files: FrameFiles) -> DataFrame:
    """Return the columns as trimmed texts, whether each was padded, what is malformed, file, block.

    A text that stands for a number in JSON is shown in its quotes.
    """
    names = files.schema.names
    return _united(files, texts=True).select(
        *map(trimmed, names), *map(is_padded, names), MALFORMED, FILE, BLOCK
    )


def native(files: FrameFiles) -> set[str]:
    """Return the columns whose values are no texts that have yet to be read as something else."""
    return {
        field.name
        for field in files.schema
        if field.name not in files.keys
        and not isinstance(field.dataType, StringType)
        and (files.file_format != "json" or json_lines.has_type(field))
    }


def without_blanks(values: DataFrame) -> DataFrame:
    """Return values with whitespace around texts removed."""
    kinds = {field.name: field.dataType for field in values.schema}
    return values.select(
        *(
            trimmed(name) if isinstance(kind, StringType) else quoted(name)
            for name, kind in kinds.items()
            if name != MALFORMED
        )
    )


def _united(files: FrameFiles, texts: bool) -> DataFrame:
    frames = (_read(files, columns, paths, texts) for columns, paths in files.groups.items())
    return reduce(DataFrame.unionByName, frames)


def _read(files: FrameFiles, columns: Columns, paths: list[str], texts: bool) -> DataFrame:
    wanted = [column for column in columns if column[0] in files.schema.names]
    if files.file_format == "json":
        raw = files.spark.read.options(**EXACT_PATHS).text(paths)
        fields = [(files.schema[name], in_file) for name, in_file, *_ in wanted]
        return json_lines.parsed(raw, fields, _places(files, raw), files.known, texts)
    raw = _load(files, wanted, paths) if files.table is None else files.table
    values = (_value(*column, texts) for column in wanted)
    malformed = sf.lit(None).cast("string").alias(MALFORMED)
    return raw.select(*values, malformed, *_places(files, raw))


def _load(
    files: FrameFiles, columns: Sequence[tuple[str, str, DataType, bool]], paths: list[str]
) -> DataFrame:
    schema = StructType([StructField(in_file, kind) for _, in_file, kind, _ in columns])
    reader = files.spark.read.options(**EXACT_PATHS).schema(schema)
    return reader.format(str(files.file_format)).load(paths)


def _value(name: str, in_file: str, kind: object, nanoseconds: bool, texts: bool) -> Column:
    value = quoted(in_file)
    if nanoseconds:
        value = f"timestamp_micros({value} div 1000)"
    if isinstance(kind, DoubleType | FloatType):
        value = f"nanvl({value}, NULL)"
    return sf.expr(f"{f'string({value})' if texts else value} AS {quoted(name)}")


def _places(files: FrameFiles, raw: DataFrame) -> list[Column]:
    """Return file, block and the columns that the names of folders give.

    The parts of a loaded table stand for the blocks of one file.
    """
    if files.table is not None:
        (name,) = next(iter(files.groups.values()))
        return [sf.lit(name).alias(FILE), sf.spark_partition_id().alias(BLOCK)]
    metadata = raw.metadataColumn("_metadata")
    path = metadata["file_path"]
    keys = [_of_folder(path, key) for key in files.keys if key in files.schema.names]
    return [path.alias(FILE), metadata["file_block_start"].alias(BLOCK), *keys]


def _of_folder(path: Column, key: str) -> Column:
    """Return what the innermost folder that is named for a column says of it."""
    value = sf.regexp_extract(_unescaped(path), f".*/\\Q{key}\\E=([^/]*)/", 1)
    return sf.nullif(_unescaped(value), sf.lit("__HIVE_DEFAULT_PARTITION__")).alias(key)


def _unescaped(text: Column) -> Column:
    return sf.url_decode(sf.replace(text, sf.lit("+"), sf.lit("%2B")))
