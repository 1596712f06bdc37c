"""Read CSV files against a declared schema."""

from collections.abc import Collection
from typing import Any, NamedTuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation.columns import PLAIN
from bank_spark_dl.csv_validation.constraints import is_plain, typed, whole_numbers
from bank_spark_dl.csv_validation.corrupt_files import corrupt_files_named
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.csv_validation.raw_text import TextFiles, find_texts
from bank_spark_dl.csv_validation.row_errors import count_errors, require_valid_rows
from bank_spark_dl.csv_validation.row_order import declared_columns, place_columns
from bank_spark_dl.csv_validation.whitespace import report_trimmed
from bank_spark_dl.spark.caching import persist, unpersist
from bank_spark_dl.spark.hadoop_fs import shown
from bank_spark_dl.spark.sql import quoted


class CheckedRows(NamedTuple):
    """What was read.

    Attributes:
        rows: The rows; they fit their schema.
        repaired: Per column how many values were freed of whitespace around them.
        persisted: The persisted rows, so that not every step reads the files; unpersist them when
            the rows have been used.
    """

    rows: DataFrame
    repaired: dict[str, int]
    persisted: DataFrame


def read_checked_csv(
    spark: SparkSession,
    filepath: str,
    schema: StructType,
    ignored: Collection[str] = (),
    optional: Collection[str] = (),
    order: bool = False,
    **csv_options: Any,
) -> CheckedRows:
    """Read CSV files; raise a validation error for what the schema does not declare.

    Headers are read without a Spark job. One pass over the files checks all values of all columns
    and leaves the rows with the executors, in memory and, where that is full, on local disk. If
    anything is odd, all files are read again, to count what it is, and once more when the rows are
    first used.

    Whitespace around values is removed, counted and reported by a warning: a category with a space
    would be another category. A value of nothing but whitespace is empty.

    Spark cannot split a file between tasks when quoted fields may hold line breaks
    (``multiLine``). Unless ``multiLine`` is given, the check reads line by line. Only if what it
    finds could come from such a line break, the lines are searched for one. If there is one, the
    files are checked again with ``multiLine``.

    Args:
        spark: A classic session (not Spark Connect).
        filepath: A file, a folder or a pattern, on any file system that Spark reads.
        schema: The declared columns; see ``load_schema``.
        ignored: Columns that may be absent, are not checked and not returned.
        optional: Declared columns that may be absent; they are checked and returned where all
            files have them.
        order: Whether to add the column ``:order``, the number of a row by file name, then place
            in the file, from 0; one more small Spark job.
        **csv_options: Options of Spark's CSV reader, by default ``sep=","``, ``quote='"'``,
            ``escape='"'``, ``encoding="UTF-8"``; besides them ``missing_values``, a list of texts
            that mean "no value", and ``decimal``, a point or a comma. Compressed files are known by
            their name.

    Returns:
        The rows, with the declared columns in declared order and type, and what was trimmed.

    Raises:
        InputDataError: The path, a header or a value is not as declared, or there are no rows.
        ParameterError: An option cannot be used for a checked read, or a column is called
            ``:order`` that is also to be added.
    """
    options = CSVOptions.parse(csv_options)
    declared = StructType([field for field in schema if field.name not in ignored])
    texts = find_texts(spark, filepath, declared, ignored, optional, options)
    schema = texts.schema
    placed = place_columns(schema) if order else []
    with corrupt_files_named():
        numbers = whole_numbers(schema, options)
        untrimmed = texts.read_untrimmed(options.multi_line is True, numbers, order)
        plain = is_plain(schema, options, numbers).alias(PLAIN)
        checked = persist(untrimmed.select(*typed(schema, options, "try_cast"), plain, *placed))
        repaired: dict[str, int] = {}
        if not all_plain(checked):
            rows, repaired = _look_closely(texts, shown(filepath))
            checked = persist(rows.select(*typed(schema, options), *placed))
        return CheckedRows(declared_columns(checked, schema, order), repaired, checked)


def all_plain(rows: DataFrame, filled: Collection[str] = ()) -> bool:
    """Tell whether there are rows, and nothing is odd about any of them; this reads the files.

    Executors forget the rows if something is, or if the files cannot be read.

    Args:
        rows: Persisted rows with the column PLAIN.
        filled: Columns that must have a value in some row.
    """
    plain = False
    values = (sf.count(quoted(name)) for name in filled)
    figures = sf.count(sf.lit(1)), sf.count_if(quoted(PLAIN)), *values
    try:
        every, good, *found = rows.agg(*figures).collect()[0]
        plain = bool(0 < good == every) and all(found)
    finally:
        if not plain:
            unpersist(rows)
    return plain


def _look_closely(texts: TextFiles, source: str) -> tuple[DataFrame, dict[str, int]]:
    """Count what is odd about trimmed rows; raise for errors, or return rows and trimmed values."""
    schema, options = texts.schema, texts.options
    rows = texts.read(options.multi_line is True)
    counts = count_errors(rows, schema, options)
    if options.multi_line is None and counts.may_be_broken and texts.break_inside_quotes():
        rows = texts.read(multi_line=True)
        counts = count_errors(rows, schema, options)
    require_valid_rows(source, rows, schema, counts, options, texts.fields)
    return rows, report_trimmed(source, counts.padded, counts.rows)
