"""Recognize Spark errors that the values of a row have caused."""

import re

SAID = re.compile(r"\[[A-Z_.]+\] (?P<reason>.*?)\s*SQLSTATE: (?P<state>\w{5})", re.DOTALL)
OF_ROWS = re.compile(r"22...|P0001|39000")
"""SQLSTATEs of values: data exceptions, `raise_error`, and functions that refuse their argument."""
OURS = re.compile(r"bank_spark_dl\.errors\.InputDataError: (?P<reason>.*)")


def row_error(error: BaseException) -> str | None:
    """Return why Spark could not compute a row.

    Args:
        error: Raised by Spark.

    Returns:
        The reason; None if the cause is not a row's values but memory, a lost executor, a stopped
        job, a missing column, or a mistake in a program.
    """
    text = str(error)
    if (ours := OURS.search(text)) is not None:
        return ours["reason"]
    said = SAID.search(text)
    return said["reason"] if said and OF_ROWS.fullmatch(said["state"]) else None
