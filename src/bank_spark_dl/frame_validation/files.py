"""Find files, or take a loaded table, and check that the columns are as declared."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, LongType, StringType, StructField, StructType, TimestampType

from bank_spark_dl.csv_validation.files import Source, find_files
from bank_spark_dl.csv_validation.header import as_declared, check_names
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.frame_validation.file_schemas import NANOSECONDS, file_schema
from bank_spark_dl.frame_validation.types import fits
from bank_spark_dl.spark.hadoop_fs import shown

Columns = tuple[tuple[str, str, DataType, bool], ...]
"""Of one file: declared name, name in the file, type in the file, whether in nanoseconds."""


@dataclass(frozen=True)
class FrameFiles:
    """Files, or a loaded table, whose columns are as declared.

    Attributes:
        spark: A classic session.
        file_format: parquet, orc or json; None for a loaded table.
        groups: Paths by the columns of their files; the name of a loaded table.
        keys: Columns that folders give, as in ``year=2024``.
        schema: The declared columns that all files have.
        known: All columns that a file may have.
        table: Rows that a dataset has loaded.
    """

    spark: SparkSession
    file_format: str | None
    groups: Mapping[Columns, list[str]]
    keys: tuple[str, ...]
    schema: StructType
    known: frozenset[str]
    table: DataFrame | None = None


def find_frames(
    spark: SparkSession,
    filepath: str,
    file_format: str,
    schema: StructType,
    ignored: Collection[str],
    optional: Collection[str],
) -> FrameFiles:
    """Find the files of a path, a folder or a pattern, and check their columns and types.

    Args:
        spark: A classic session.
        filepath: The path.
        file_format: parquet, orc or json.
        schema: The declared columns without the ignored ones.
        ignored: Columns that files may have besides.
        optional: Declared columns that files may lack.

    Raises:
        InputDataError: There is no file, or its columns are not as declared.
    """
    source = find_files(spark, filepath)
    keys = _partition_keys(source)
    # A line of JSON may lack any column: all of them are counted when the rows are read.
    may_lack = schema.names if file_format == "json" else optional
    groups: dict[Columns, list[str]] = defaultdict(list)
    for path in source.files:
        found = file_schema(spark, path, file_format)
        names = as_declared([*found.names, *keys], [*schema.names, *ignored])
        check_names(shown(path), names, schema.names, ignored, may_lack, "its columns do")
        in_file = dict(zip(names, found, strict=False))
        columns = _columns(schema, in_file, keys, optional, file_format)
        groups[_fitting(path, columns, schema)].append(path)
    if len(groups) == 1:
        # Spark starts a job to list more than 32 paths; what stands above them it lists itself.
        groups = defaultdict(list, dict.fromkeys(groups, source.roots))
    common = [f for f in schema if f.name in keys or all(_has(g, f.name) for g in groups)]
    known = frozenset([*schema.names, *ignored])
    return FrameFiles(spark, file_format, groups, keys, StructType(common), known)


def take_table(
    table: DataFrame,
    source: str,
    schema: StructType,
    ignored: Collection[str],
    optional: Collection[str],
) -> FrameFiles:
    """Take rows that a dataset has loaded, and check their columns and types.

    Args:
        table: The rows.
        source: Where they come from, for messages.
        schema: The declared columns without the ignored ones.
        ignored: Columns that the table may have besides.
        optional: Declared columns that it may lack.

    Raises:
        InputDataError: Its columns are not as declared.
    """
    names = as_declared(table.columns, [*schema.names, *ignored])
    check_names(source, names, schema.names, ignored, optional, "its columns do")
    in_table = dict(zip(names, table.schema, strict=True))
    columns = _fitting(source, _columns(schema, in_table, (), optional, None), schema)
    there = StructType([field for field in schema if _has(columns, field.name)])
    known = frozenset([*schema.names, *ignored])
    return FrameFiles(table.sparkSession, None, {columns: [source]}, (), there, known, table)


def _columns(
    schema: StructType,
    in_file: Mapping[str, StructField],
    keys: Collection[str],
    optional: Collection[str],
    file_format: str | None,
) -> Columns:
    columns = []
    for field in schema:
        found = in_file.get(field.name)
        if field.name in keys or (found is None and field.name in optional):
            continue
        name = field.name if found is None else found.name
        kind = field.dataType if file_format == "json" or found is None else found.dataType
        nanoseconds = found is not None and NANOSECONDS in found.metadata
        columns.append((field.name, name, kind, nanoseconds))
    return tuple(columns)


def _has(columns: Columns, name: str) -> bool:
    return any(name == declared for declared, *_ in columns)


def _fitting(path: str, columns: Columns, schema: StructType) -> Columns:
    """Return columns; raise InputDataError for the first whose type does not fit the schema."""
    for name, _, kind, nanoseconds in columns:
        declared = schema[name].dataType
        found = TimestampType() if nanoseconds else kind
        if not fits(found, declared):
            raise InputDataError(
                f"{shown(path)}: column '{name}' holds {_said(found)} there, and the schema "
                f"declares {_said(declared)}. Change the type in the schema, or in the table."
            )
    return columns


def _said(kind: DataType) -> str:
    name = "long" if isinstance(kind, LongType) else kind.simpleString()
    return f"text ({name})" if isinstance(kind, StringType) else name


def _partition_keys(source: Source) -> tuple[str, ...]:
    """Return the columns that folders below the given path are named for, as Spark finds them.

    Raises:
        InputDataError: Files lie in folders that are named for different columns.
    """
    found: dict[tuple[str, ...], str] = {}
    for path in source.files:
        root = next(root for root in source.roots if path.startswith(root))
        folders = path.removeprefix(root).strip("/").split("/")[:-1]
        keys = tuple(folder.partition("=")[0] for folder in folders if "=" in folder)
        found.setdefault(keys, path)
    if len(found) > 1:
        one, other = sorted(found.values())[:2]
        raise InputDataError(
            f"{shown(one)} and {shown(other)} lie in folders that are named for different columns. "
            "Name all folders alike, as year=2024."
        )
    return next(iter(found))
