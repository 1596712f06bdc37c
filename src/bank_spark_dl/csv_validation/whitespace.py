"""Trim whitespace around values, and report it."""

import logging
from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as sf

from bank_spark_dl.csv_validation.columns import padded
from bank_spark_dl.spark.sql import quoted

logger = logging.getLogger(__name__)
WHITESPACE = " \t\r\n\u00a0"  # the last one: what spreadsheets put between digits and words


def trimmed(name: str) -> Column:
    """Return a text column without whitespace around its values; nothing but whitespace is null."""
    return sf.expr(f"nullif({_trim(name)}, '') AS {quoted(name)}")


def is_padded(name: str) -> Column:
    """Return whether whitespace stands around each text of a column."""
    return sf.expr(f"{padding(name)} AS {quoted(padded(name))}")


def padding(name: str) -> str:
    """Return the SQL condition that whitespace stands around a text."""
    return f"octet_length({quoted(name)}) > octet_length({_trim(name)})"


def report_trimmed(source: str, padded_rows: Mapping[str, int], rows: int) -> dict[str, int]:
    """Warn in one sentence if whitespace around values was removed.

    Args:
        source: The file or folder, for the message.
        padded_rows: Rows with whitespace around the value, by column.
        rows: All rows.

    Returns:
        The columns with such rows, and how many.
    """
    found = {name: count for name, count in padded_rows.items() if count}
    if found:
        listed = ", ".join(f"'{name}' ({count} of {rows})" for name, count in found.items())
        logger.warning(
            "%s: whitespace around values was removed, in these columns and so many rows: %s.",
            source,
            listed,
        )
    return found


def _trim(name: str) -> str:
    return f"trim(BOTH '{WHITESPACE}' FROM {quoted(name)})"
