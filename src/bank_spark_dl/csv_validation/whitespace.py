"""Saying what was repaired while rows were read."""

import logging

from bank_spark_dl.csv_validation.row_errors import Counts

logger = logging.getLogger(__name__)


def report_repairs(source: str, counts: Counts) -> dict[str, int]:
    """Warn in one sentence if values had blanks around them.

    Args:
        source: The file or folder, for the message.
        counts: What was found in it.

    Returns:
        Per column that had any, the rows whose value was repaired.
    """
    repaired = {name: rows for name, rows in counts.padded.items() if rows}
    if repaired:
        listed = ", ".join(f"'{name}' ({rows} of {counts.rows})" for name, rows in repaired.items())
        logger.warning(
            "%s: blanks around values were taken away, in these columns and so many rows: %s.",
            source,
            listed,
        )
    return repaired
