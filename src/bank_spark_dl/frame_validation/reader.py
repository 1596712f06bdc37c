"""Read Parquet, ORC and JSON lines files against a declared schema."""

from collections.abc import Collection

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation.columns import MALFORMED, PLAIN, REPLACEMENT
from bank_spark_dl.csv_validation.constraints import is_plain, typed
from bank_spark_dl.csv_validation.corrupt_files import corrupt_files_named
from bank_spark_dl.csv_validation.header import as_declared, check_names
from bank_spark_dl.csv_validation.options import EXACT_PATHS, CSVOptions
from bank_spark_dl.csv_validation.reader import CheckedRows, all_plain
from bank_spark_dl.csv_validation.row_errors import Counts, count_errors, places, require_valid_rows
from bank_spark_dl.csv_validation.row_numbers import first_rows
from bank_spark_dl.csv_validation.row_order import declared_columns, place_columns
from bank_spark_dl.csv_validation.whitespace import report_trimmed
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.frame_validation import json_lines
from bank_spark_dl.frame_validation.files import FrameFiles, find_frames, take_table
from bank_spark_dl.frame_validation.values import native, read_texts, read_values, without_blanks
from bank_spark_dl.spark.caching import persist
from bank_spark_dl.spark.hadoop_fs import shown

# Quotes in texts mean nothing here; this character is refused in any text.
_FORM = CSVOptions(quote=REPLACEMENT)
_SHOWN = 40  # characters of a line in a message


def read_checked_frame(
    spark: SparkSession,
    filepath: str,
    file_format: str,
    schema: StructType,
    ignored: Collection[str] = (),
    optional: Collection[str] = (),
    order: bool = False,
) -> CheckedRows:
    """Read files; raise a validation error for what the schema does not declare.

    Types are compared without a Spark job. One pass over the files checks all values and leaves the
    rows with the executors. NaN is a missing value. Whitespace around texts is removed, counted and
    reported, as in CSV files.

    Args:
        spark: A classic session (not Spark Connect).
        filepath: A file, a folder or a pattern, on any file system that Spark reads.
        file_format: parquet, orc or json (an object a line).
        schema: The declared columns; see ``load_schema``.
        ignored: Columns that may be absent, are not checked and not returned.
        optional: Declared columns that may be absent; they are checked and returned where all
            files have them.
        order: Whether to add the column ``:order``, the number of a row by file name, then place
            in the file, from 0; one more small Spark job.

    Returns:
        The rows, with the declared columns in declared order and type, and what was trimmed.

    Raises:
        InputDataError: The path, a column, a type or a value is not as declared, or there are no
            rows.
        ParameterError: A column is called ``:order`` that is also to be added.
    """
    declared = StructType([field for field in schema if field.name not in ignored])
    files = find_frames(spark, filepath, file_format, declared, ignored, optional)
    return _checked(files, shown(filepath), optional, order)


def check_table(
    table: DataFrame,
    source: str,
    schema: StructType,
    ignored: Collection[str] = (),
    optional: Collection[str] = (),
) -> CheckedRows:
    """Check rows that a dataset has loaded as those of files are checked.

    Args:
        table: The rows; a classic session's.
        source: Where they come from, for messages.
        schema: The declared columns; see ``load_schema``.
        ignored: Columns that may be absent, are not checked and not returned.
        optional: Declared columns that may be absent.

    Returns:
        The rows, with the declared columns in declared order and type, and what was trimmed.

    Raises:
        InputDataError: A column, a type or a value is not as declared, or there are no rows.
    """
    declared = StructType([field for field in schema if field.name not in ignored])
    return _checked(take_table(table, source, declared, ignored, optional), source, optional)


def _checked(
    files: FrameFiles, source: str, optional: Collection[str], order: bool = False
) -> CheckedRows:
    """Check all values in one pass, and look closely if anything is odd."""
    schema = files.schema
    placed = place_columns(schema) if order else []
    with corrupt_files_named():
        values = read_values(files, order)
        plain = is_plain(schema, _FORM, native(files)).alias(PLAIN)
        checked = persist(values.select(*typed(schema, _FORM, "try_cast"), plain, *placed))
        repaired: dict[str, int] = {}
        # A column of JSON lines without a value may be one that no line has.
        filled = schema.names if files.file_format == "json" else ()
        if not all_plain(checked, filled):
            repaired = _look_closely(files, source, optional)
            checked = persist(without_blanks(values).select(*typed(schema, _FORM), *placed))
        return CheckedRows(declared_columns(checked, schema, order), repaired, checked)


def _look_closely(files: FrameFiles, source: str, optional: Collection[str]) -> dict[str, int]:
    """Count what is odd; raise for errors, or return the trimmed values by column."""
    rows = read_texts(files)
    counts = count_errors(rows, files.schema, _FORM)
    if counts.rows == 0:
        raise InputDataError(f"{source} has no rows. Replace it by a file with data.")
    if counts.malformed:
        raise _malformed(source, rows, counts)
    if files.file_format == "json":
        _check_keys(files, source, optional)
    require_valid_rows(source, rows, files.schema, counts, _FORM, "")
    return report_trimmed(source, counts.padded, counts.rows)


def _malformed(source: str, rows: DataFrame, counts: Counts) -> InputDataError:
    line = sf.col(MALFORMED)
    found = first_rows(rows, line.isNotNull(), sf.substring(line, 1, _SHOWN))
    return InputDataError(
        f"{source}: each line must be a JSON object, but {counts.malformed} of {counts.rows} rows "
        f"{'is' if counts.malformed == 1 else 'are'} something else: "
        f"{places(found, source, counts.malformed)}. Correct these lines."
    )


def _check_keys(files: FrameFiles, source: str, optional: Collection[str]) -> None:
    """Refuse lines with unknown or doubled keys, and columns that no line has."""
    paths = [path for group in files.groups.values() for path in group]
    found, doubled = json_lines.keys(files.spark.read.options(**EXACT_PATHS).text(paths))
    declared = [name for name in files.schema.names if name not in files.keys]
    others = files.known.difference(declared)
    names = as_declared([*sorted(found), *sorted(doubled)], files.known)
    check_names(source, names, declared, others, optional, "its columns do")
