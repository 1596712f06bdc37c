"""Pure functions over raw and clean rows."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.messages.terminal import print_preview
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.label import check_label
from bank_spark_dl.ml.features.row_ids import add_row_id, check_unique
from bank_spark_dl.ml.statistics import describe_columns
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.pipelines.data_processing.checks import check_columns
from bank_spark_dl.pipelines.data_processing.split import is_test_row
from bank_spark_dl.spark.sql import quoted


def check_rows(raw: DataFrame, source: dict[str, Any], options: DataOptions) -> DataFrame:
    """Check what the schema cannot know: the configured columns, the label's classes, doubled ids.

    Args:
        raw: Rows that fit the declared schema.
        source: Where they come from.
        options: Names the label, its positive class and the id.

    Returns:
        The same rows.

    Raises:
        InputDataError: The label has not exactly two classes, or an id stands in two rows.
        ParameterError: A configured column is not in the table; or the network is to decide whom to
            call, and nobody has said when a column is known.
    """
    columns = options.columns
    check_columns(raw, source["source"], options)
    check_label(raw, columns.label, columns.positive, source["source"])
    if columns.id:
        check_unique(raw, columns.id, source["source"])
    return raw


def preview_rows(rows: DataFrame, options: DataOptions) -> None:
    """Print the schema and the first rows.

    Args:
        rows: Checked rows.
        options: Says how many.
    """
    print_preview(rows.dtypes, rows.take(options.preview_rows))


def profile_rows(rows: DataFrame, source: dict[str, Any], options: DataOptions) -> dict[str, Any]:
    """Describe every column of the raw table.

    Args:
        rows: Checked rows.
        source: Where they come from: `source`, `sha256`, `synthetic`.
        options: Names the id, whose values are not listed.

    Returns:
        The source's entries with `rows` and `columns`; see describe_columns.
    """
    ids = [options.columns.id] if options.columns.id else []
    return source | describe_columns(rows, exclude_values_of=ids)


def clean_rows(rows: DataFrame, options: DataOptions) -> DataFrame:
    """Give each row its id and drop the unwanted columns.

    Args:
        rows: Checked rows.
        options: Names the id and the columns to drop.

    Returns:
        `row_id` first, then every other kept column under its carried name; see ml.names.
    """
    named = add_row_id(rows, options.columns.id)
    dropped = set(map(carried_name, options.columns.drop))
    return named.select(*(F.col(quoted(name)) for name in named.columns if name not in dropped))


def split_rows(rows: DataFrame, options: DataOptions, seed: int) -> tuple[DataFrame, DataFrame]:
    """Split each class by a hash of the rows' ids, so that order and partitions play no part.

    Args:
        rows: Clean rows.
        options: Gives the share of test rows. Names the label.
        seed: Another seed, another split.

    Returns:
        Train rows and test rows; see is_test_row.

    Raises:
        InputDataError: A class of the label has one row only.
    """
    is_test = is_test_row(rows, options, seed)
    return rows.where(~is_test), rows.where(is_test)
