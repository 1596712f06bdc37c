"""What keeps a row from being scored: found in Python, said by the JVM.

Python sees the features but not the row's id, and a task that fails there ends in two tracebacks.
So it answers a negative number in place of the row's probability, and the JVM, which has all of the
row's columns, makes a sentence of it.
"""

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column
from pyspark.sql import functions as sf

NO_FEATURES, WRONG_WIDTH, NO_NUMBER, TOO_LARGE, NO_PROBABILITY = range(1, 6)
_KIND_BITS = 3
_KINDS = 1 << _KIND_BITS
"""A problem is its kind plus so many times its detail: a place from 1, or a row's width."""

_SAID = [
    f"%1$s the column '%2$s' {problem}. Correct the row, or leave it out."
    for problem in (
        "is null",
        "is of width %3$d, and the network takes %4$d numbers",
        "holds null or NaN in place %3$d%5$s",
        "holds infinity, or more than the 3.4e38 that float32 holds, in place %3$d%5$s",
        "holds numbers of which the network makes no probability; most likely they are too large",
    )
]
"""What is said of each kind: of the row, the column, the detail, the width and the place's name."""

_NAME_END = "\0"


def row_problems(
    values: npt.NDArray[np.float32], widths: npt.NDArray[np.int64], num_features: int
) -> npt.NDArray[np.int64]:
    """Look for what no network takes.

    Args:
        values: The rows' features, one row after the other, (sum of the widths,); null is NaN, and
            what float32 does not hold is infinite.
        widths: Features of each row, (rows,); -1 where a row's features are null.
        num_features: Features that the network takes.

    Returns:
        (rows,) int64: 0 where nothing is wrong, else the row's problem.
    """
    problems = np.where(widths == num_features, 0, WRONG_WIDTH + _KINDS * widths)
    problems[widths < 0] = NO_FEATURES
    fits = problems == 0
    if np.isfinite(values).all():
        return problems
    rows = values[np.repeat(fits, np.maximum(widths, 0))].reshape(-1, num_features)
    strange = ~np.isfinite(rows)
    place = strange.argmax(axis=1)
    first = np.take_along_axis(rows, place[:, np.newaxis], axis=1)[:, 0]
    kind = np.where(np.isnan(first), NO_NUMBER, TOO_LARGE)
    problems[fits] = np.where(strange.any(axis=1), kind + _KINDS * (place + 1), 0)
    return problems


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
    """Return a probability as it is; computing it fails where it is a row's problem.

    Args:
        score: A probability, or a problem with its sign turned.
        row: Text that names the row.
        features_col: Name of the column of features.
        num_features: Features that the network takes.
        names: What each of them is called; empty where nobody knows.
    """
    sentence = problem_sentence((-score).cast("int"), row, features_col, num_features, names)
    return sf.when(score >= 0, score).otherwise(sf.raise_error(sentence))


def problem_sentence(
    problem: Column, row: Column, features_col: str, num_features: int, names: list[str]
) -> Column:
    """Say what keeps a row from being used, see `row_problems`; other arguments as above."""
    kind, detail = problem % _KINDS, sf.shiftright(problem, _KIND_BITS)
    name = sf.split_part(sf.lit(_NAME_END.join(names)), sf.lit(_NAME_END), detail)
    place = sf.when(sf.lit(bool(names)), sf.concat(sf.lit(" ("), name, sf.lit(")"))).otherwise("")
    return sf.printf(
        sf.element_at(sf.array(*map(sf.lit, _SAID)), kind),
        *(row, sf.lit(features_col), detail, sf.lit(num_features), place),
    )
