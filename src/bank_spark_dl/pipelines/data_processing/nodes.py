"""Check, profile, clean and split rows."""

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.messages.terminal import print_preview
from bank_spark_dl.ml.column_names import ORDER, carried_name
from bank_spark_dl.ml.features.label import check_label
from bank_spark_dl.ml.features.row_ids import add_row_id, check_unique
from bank_spark_dl.ml.monitoring.profile import DataProfile, profile_table
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.ml.splits.held_out import TEST, is_held_out
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.pipelines.data_processing.checks import check_columns, check_read
from bank_spark_dl.spark.sql import names_read, quoted


def check_rows(raw: DataFrame, source: RawSource, options: DataOptions) -> DataFrame:
    """Check the configured columns, the label and that ids are unique.

    Args:
        raw: Rows that fit the declared schema.
        source: Where they come from.
        options: Names the label, its positive class, the task and the id.

    Returns:
        The same rows.

    Raises:
        InputDataError: The label does not fit `data.task`, or an id stands in two rows.
        ParameterError: A configured column is not in the table; or `data.purpose` is call_list, and
            `data.availability` does not say when a column is known.
    """
    columns = options.columns
    check_columns(raw, source.source, options)
    check_label(raw, columns.label, options, source.source)
    if columns.id:
        check_unique(raw, columns.id, source.source)
    return raw


def preview_rows(rows: DataFrame, options: DataOptions) -> None:
    """Print the schema and the first rows.

    Args:
        rows: Checked rows.
        options: Says how many.
    """
    print_preview(rows.dtypes, rows.take(options.preview_rows))


def profile_rows(rows: DataFrame, source: RawSource, options: DataOptions) -> DataProfile:
    """Profile every column of the raw table.

    Args:
        rows: Checked rows.
        source: Where they come from.
        options: Names the id, whose values are not listed.
    """
    ids = [options.columns.id] if options.columns.id else []
    return profile_table(rows.drop(ORDER), source, exclude_values_of=ids)


def clean_rows(
    rows: DataFrame,
    options: DataOptions,
    derived: Mapping[str, str] | None = None,
    counts: Mapping[str, Sequence[str]] | None = None,
) -> DataFrame:
    """Give each row its id and drop the columns of `data.columns.drop`, and an order of no use.

    Args:
        rows: Checked rows.
        options: Names the id and the columns to drop.
        derived: Expressions of `features.derived`, by name: what they read of these columns stays.
        counts: Columns of `features.counts`, by name: they stay too.

    Returns:
        `row_id` first, then every other kept column under its carried name; see ml.column_names.

    Raises:
        ParameterError: `data.purpose` is call_list, and something is made of a column that is no
            input and not known before the call; or it is made of the order of the rows.
    """
    named = add_row_id(rows, options.columns.id)
    read = names_read(derived or {}).union(*(counts or {}).values())
    check_read(read & options.no_inputs(), options)
    dropped = {carried_name(name) for name in options.columns.drop if name not in read}
    dropped |= {ORDER} - {options.columns.time}
    return named.select(*(F.col(quoted(name)) for name in named.columns if name not in dropped))


def split_rows(rows: DataFrame, options: DataOptions, seed: int) -> tuple[DataFrame, DataFrame]:
    """Hold out the test rows as `data.split` says, whatever the order and partitions of the rows.

    Args:
        rows: Clean rows.
        options: How to split, the columns that it needs, and the share of test rows.
        seed: Another seed, another split, unless it is by time.

    Returns:
        Train rows and test rows; see is_held_out.

    Raises:
        InputDataError: The rows cannot be split so that both sides have both classes.
    """
    is_test = is_held_out(rows, options, options.test_fraction, seed, TEST)
    return rows.where(~is_test), rows.where(is_test)
