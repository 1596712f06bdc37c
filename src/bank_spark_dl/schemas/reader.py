"""Reading CSV files against a declared schema."""

from collections import defaultdict
from collections.abc import Collection
from functools import reduce
from typing import Any, NamedTuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType, StructField, StructType

from bank_spark_dl.schemas.damage import damage_named
from bank_spark_dl.schemas.files import find_files, read_heads, shown
from bank_spark_dl.schemas.header import check_header, parse_header
from bank_spark_dl.schemas.options import EXACT_PATHS, MALFORMED, PADDED, CSVOptions
from bank_spark_dl.schemas.refusal import Counts, count_refused, refuse_bad_rows
from bank_spark_dl.schemas.repair import report_repairs
from bank_spark_dl.schemas.rows import BLOCK, FILE
from bank_spark_dl.schemas.values import is_padded, quoted, trimmed

_Orders = dict[tuple[str, ...], list[str]]


class CheckedRows(NamedTuple):
    """Rows that fit their schema, and per column how many values had blanks around them."""

    rows: DataFrame
    repaired: dict[str, int]


def read_checked_csv(
    spark: SparkSession,
    filepath: str,
    schema: StructType,
    ignored: Collection[str] = (),
    **csv_options: Any,
) -> CheckedRows:
    """Read CSV files, refusing what the schema does not declare.

    Headers are read without a Spark job; one aggregation checks all values of all columns. The
    frame itself stays lazy and is not cached.

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
        **csv_options: Options of Spark's CSV reader, by default ``sep=","``, ``quote='"'``,
            ``escape='"'``, ``encoding="UTF-8"``. Gzip and the like are known by the file's name.

    Returns:
        The rows, with the declared columns in declared order and type, and what was repaired.

    Raises:
        InputDataError: The path, a header or a value is not as declared, or there are no rows.
        ParameterError: An option cannot be used for a checked read.
    """
    options = CSVOptions.parse(csv_options)
    schema = StructType([field for field in schema if field.name not in ignored])
    orders = _column_orders(spark, filepath, schema, ignored, options)
    raw = _read_texts(spark, orders, schema, options.for_spark(options.multi_line is True))
    with damage_named():
        counts = count_refused(raw, schema, options.quote)
    if options.multi_line is None and _may_be_broken(counts):
        files = [file for group in orders.values() for file in group]
        if _breaks_inside_quotes(spark, files, options):
            raw = _read_texts(spark, orders, schema, options.for_spark(True))
            counts = count_refused(raw, schema, options.quote)
    refuse_bad_rows(shown(filepath), raw, schema, counts, options, max(map(len, orders)))
    repaired = report_repairs(shown(filepath), counts)
    return CheckedRows(raw.selectExpr(*map(typed, schema)), repaired)


def typed(field: StructField) -> str:
    """Write the SQL that casts a text column to its declared type."""
    name = quoted(field.name)
    return f"CAST({name} AS {field.dataType.simpleString()}) AS {name}"


def _column_orders(
    spark: SparkSession,
    filepath: str,
    schema: StructType,
    ignored: Collection[str],
    options: CSVOptions,
) -> _Orders:
    """Group the paths by the order of their files' columns, all headers checked."""
    orders: _Orders = defaultdict(list)
    source = find_files(spark, filepath)
    for path, head in zip(source.files, read_heads(spark, source.files), strict=True):
        names = parse_header(shown(path), head, options)
        checked = tuple(name for name in names if name not in ignored)
        check_header(shown(path), checked, schema.names, options.sep)
        orders[names].append(path)
    # Spark starts a job to list more than 32 paths; what stands above them it lists itself.
    return orders if len(orders) > 1 else dict.fromkeys(orders, source.roots)


def _read_texts(
    spark: SparkSession, orders: _Orders, schema: StructType, options: dict[str, Any]
) -> DataFrame:
    """Read all columns as trimmed text.

    Beside them stand the malformed row, whether each text was padded, the file and the block.
    """

    def read(names: tuple[str, ...], files: list[str]) -> DataFrame:
        texts = StructType([StructField(name, StringType()) for name in (*names, MALFORMED)])
        return (
            spark.read.schema(texts)
            .options(**options)
            .csv(files)
            .select(
                *map(trimmed, schema.names),
                MALFORMED,
                *(is_padded(name).alias(PADDED + name) for name in schema.names),
                sf.col("_metadata.file_path").alias(FILE),
                sf.col("_metadata.file_block_start").alias(BLOCK),
            )
        )

    return reduce(DataFrame.unionAll, (read(names, files) for names, files in orders.items()))


def _may_be_broken(counts: Counts) -> bool:
    """Tell whether line breaks inside quotes could be behind what was counted.

    Read line by line, such a row leaves a line with too few fields, or, broken in its last
    field, a closing quote inside the value of a later line.
    """
    return counts.malformed > 0 or counts.with_quote > 0 or any(counts.refused.values())


def _breaks_inside_quotes(spark: SparkSession, files: list[str], options: CSVOptions) -> bool:
    """Look for a line in which a quote stays open: one with an odd number of quotes."""
    line, quote = sf.col("value"), options.quote
    if options.escape != quote:
        line = sf.replace(line, sf.lit(options.escape + quote), sf.lit(""))
    quotes = sf.length(line) - sf.length(sf.replace(line, sf.lit(quote), sf.lit("")))
    lines = spark.read.options(**EXACT_PATHS).text(files)
    return not lines.where(quotes % 2 == 1).isEmpty()
