"""Reading CSV files against a declared schema."""

from collections.abc import Collection
from typing import Any, NamedTuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation.constraints import (
    is_padded,
    is_plain,
    trimmed,
    whole_numbers,
)
from bank_spark_dl.csv_validation.corrupt_files import damage_named
from bank_spark_dl.csv_validation.files import shown
from bank_spark_dl.csv_validation.numbered_columns import by_name
from bank_spark_dl.csv_validation.options import MALFORMED, PADDED, CSVOptions
from bank_spark_dl.csv_validation.raw_text import TextFiles, find_texts
from bank_spark_dl.csv_validation.row_errors import Counts, count_refused, refuse_bad_rows
from bank_spark_dl.csv_validation.row_numbers import BLOCK, FILE
from bank_spark_dl.csv_validation.whitespace import report_repairs
from bank_spark_dl.spark.caching import persist, unpersist
from bank_spark_dl.spark.sql import quoted

PLAIN = "__plain_row"


class CheckedRows(NamedTuple):
    """What was read.

    Attributes:
        rows: The rows; they fit their schema.
        repaired: Per column how many values had blanks around them.
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
    **csv_options: Any,
) -> CheckedRows:
    """Read CSV files, refusing what the schema does not declare.

    Headers are read without a Spark job. One pass over the files checks all values of all columns
    and leaves the rows with the executors, in memory and, where that is full, on local disk. If
    anything is odd, all files are read again, to count what it is, and once more when the rows are
    first used.

    Blanks around values are taken away, counted and reported by a warning: a category with a blank
    would be another category. A value of nothing but blanks is empty.

    Spark cannot split a file between tasks when quoted fields may hold line breaks
    (``multiLine``). Unless ``multiLine`` is given, the check reads line by line, and only if what
    it finds could come from such a line break, the lines are searched for one and, if there is
    one, checked again as a whole file.

    Args:
        spark: A classic session (not Spark Connect).
        filepath: A file, a folder or a pattern, on any file system that Spark reads.
        schema: The declared columns; see ``load_schema``.
        ignored: Columns that may be absent, are not checked and not returned.
        optional: Declared columns that may be absent; they are checked and returned where all
            files have them.
        **csv_options: Options of Spark's CSV reader, by default ``sep=","``, ``quote='"'``,
            ``escape='"'``, ``encoding="UTF-8"``. Gzip and the like are known by the file's name.

    Returns:
        The rows, with the declared columns in declared order and type, and what was repaired.

    Raises:
        InputDataError: The path, a header or a value is not as declared, or there are no rows.
        ParameterError: An option cannot be used for a checked read.
    """
    options = CSVOptions.parse(csv_options)
    declared = StructType([field for field in schema if field.name not in ignored])
    texts = find_texts(spark, filepath, declared, ignored, optional, options)
    schema = texts.schema
    with damage_named():
        read = texts.read(options.multi_line is True, whole_numbers(schema))
        plain = sf.col(MALFORMED).isNull() & is_plain(schema, options.quote)
        kept = persist(read.select(*map(sf.expr, typed(schema, "try_cast")), plain.alias(PLAIN)))
        repaired: dict[str, int] = {}
        if not _all_plain(kept):
            trimmed_rows, repaired = _look_closely(texts, shown(filepath))
            kept = persist(trimmed_rows.selectExpr(*typed(schema)))
    return CheckedRows(kept.select(*by_name(schema)), repaired, kept)


def typed(schema: StructType, cast: str = "cast") -> list[str]:
    """Write the SQL that turns text columns into what they are declared as.

    Args:
        schema: The declared columns.
        cast: `cast`, which fails where a text does not fit, or `try_cast`, which gives null.
    """
    names = {quoted(field.name): field.dataType.simpleString() for field in schema}
    return [f"{cast}({name} AS {kind}) AS {name}" for name, kind in names.items()]


def _all_plain(rows: DataFrame) -> bool:
    """Tell whether there are rows, and nothing is odd about any of them; this reads the files.

    Executors forget the rows if something is, or if the files cannot be read.
    """
    plain = False
    try:
        every, good = rows.agg(sf.count(sf.lit(1)), sf.count_if(PLAIN)).collect()[0]
        plain = bool(0 < good == every)
    finally:
        if not plain:
            unpersist(rows)
    return plain


def _look_closely(texts: TextFiles, source: str) -> tuple[DataFrame, dict[str, int]]:
    """Count what is odd about rows; refuse them for it, or return them as trimmed texts."""
    schema, options = texts.schema, texts.options
    rows = _trimmed(texts.read(options.multi_line is True), schema)
    counts = count_refused(rows, schema, options.quote)
    if options.multi_line is None and _may_be_broken(counts) and texts.break_inside_quotes():
        rows = _trimmed(texts.read(True), schema)
        counts = count_refused(rows, schema, options.quote)
    refuse_bad_rows(source, rows, schema, counts, options, texts.fields)
    return rows, report_repairs(source, counts)


def _trimmed(texts: DataFrame, schema: StructType) -> DataFrame:
    """Trim all texts, and say of each beside them whether it was padded."""
    padded = (is_padded(name).alias(PADDED + name) for name in schema.names)
    return texts.select(*map(trimmed, schema.names), *padded, MALFORMED, FILE, BLOCK)


def _may_be_broken(counts: Counts) -> bool:
    """Tell whether line breaks inside quotes could be behind what was counted.

    Read line by line, such a row leaves a line with too few fields, or, broken in its last
    field, a closing quote inside the value of a later line.
    """
    return counts.malformed > 0 or counts.with_quote > 0 or any(counts.refused.values())
