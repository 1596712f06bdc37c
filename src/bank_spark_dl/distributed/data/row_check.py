"""Find invalid rows in Python and report them in the JVM.

Python sees the features but not the row's id, and a task that fails there ends in two tracebacks.
So it returns an error code in place of the prediction, and the JVM, which has all of the row's
columns, makes the message.
"""

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column
from pyspark.sql import functions as sf

NO_FEATURES, WRONG_WIDTH, NO_NUMBER, TOO_LARGE, NO_PROBABILITY, NO_PREDICTION = range(1, 7)
_KIND_BITS = 3
_KINDS = 1 << _KIND_BITS
"""An error code is its kind plus `_KINDS` times its detail: a position from 1, or a row's width."""

_MESSAGES = [
    f"%1$s the column '%2$s' {error}. Correct the row, or leave it out."
    for error in (
        "is null",
        "is of width %3$d, and the network takes %4$d numbers",
        "holds null or NaN in place %3$d%5$s",
        "holds infinity, or more than the 3.4e38 that float32 holds, in place %3$d%5$s",
        "holds numbers for which the network gives no probability; they may be too large",
        "holds numbers for which the network gives no prediction; they may be too large",
    )
]
"""A message for each kind, with row, column, detail, width and the name of the feature."""

_NAME_END = "\0"


def find_row_errors(
    values: npt.NDArray[np.float32], widths: npt.NDArray[np.int64], num_features: int
) -> npt.NDArray[np.int64]:
    """Find rows that no network takes.

    Args:
        values: The rows' features, one row after the other, (sum of the widths,); null is NaN, and
            what float32 does not hold is infinite.
        widths: Features of each row, (rows,); -1 where a row's features are null.
        num_features: Features that the network takes.

    Returns:
        (rows,) int64: the error code of each row; 0 where it is valid.
    """
    errors = np.where(widths == num_features, 0, WRONG_WIDTH + _KINDS * widths)
    errors[widths < 0] = NO_FEATURES
    fits = errors == 0
    if np.isfinite(values).all():
        return errors
    rows = values[np.repeat(fits, np.maximum(widths, 0))].reshape(-1, num_features)
    invalid = ~np.isfinite(rows)
    position = invalid.argmax(axis=1)
    first = np.take_along_axis(rows, position[:, np.newaxis], axis=1)[:, 0]
    kind = np.where(np.isnan(first), NO_NUMBER, TOO_LARGE)
    errors[fits] = np.where(invalid.any(axis=1), kind + _KINDS * (position + 1), 0)
    return errors


def row_named(id_col: str, ids: list[Column]) -> Column:
    """Return a text that names a row.

    Args:
        id_col: Name of the column that identifies rows.
        ids: The column, or nothing if the rows have none.
    """
    if not ids:
        return sf.lit(f"In a row (no column {id_col!r} names it: set rowIdCol)")
    text = sf.coalesce(ids[0].cast("string"), sf.lit("null"))
    return sf.concat(sf.lit(f"In the row with {id_col} "), text)


def checked_score(
    score: Column, row: Column, features_col: str, num_features: int, names: list[str]
) -> Column:
    """Return a probability as it is; computing it fails where it is an error code.

    Args:
        score: A probability, or a negative error code.
        row: Text that names the row.
        features_col: Name of the column of features.
        num_features: Features that the network takes.
        names: Their names; empty if they are not known.
    """
    message = error_message((-score).cast("int"), row, features_col, num_features, names)
    return sf.when(score >= 0, score).otherwise(sf.raise_error(message))


def checked_array(
    score: Column, size: int, row: Column, features_col: str, num_features: int, names: list[str]
) -> Column:
    """Return an array of predictions as it is; computing it fails where an error code follows.

    Args:
        score: Array of `size` predictions, or of one element more, see `scoring.Scorer`.
        size: Number of predictions.
        row: Text that names the row; other arguments as above.
        features_col: Name of the column of features.
        num_features: Features that the network takes.
        names: Their names; empty if they are not known.
    """
    error = sf.element_at(score, -1).cast("int")
    message = error_message(error, row, features_col, num_features, names)
    return sf.when(sf.size(score) == size, score).otherwise(sf.raise_error(message))


def error_message(
    error: Column, row: Column, features_col: str, num_features: int, names: list[str]
) -> Column:
    """Return the message of an error code, see `find_row_errors`; other arguments as above."""
    kind, detail = error % _KINDS, sf.shiftright(error, _KIND_BITS)
    name = sf.split_part(sf.lit(_NAME_END.join(names)), sf.lit(_NAME_END), detail)
    feature = sf.when(sf.lit(bool(names)), sf.concat(sf.lit(" ("), name, sf.lit(")"))).otherwise("")
    return sf.printf(
        sf.element_at(sf.array(*map(sf.lit, _MESSAGES)), kind),
        *(row, sf.lit(features_col), detail, sf.lit(num_features), feature),
    )
