"""Check labels and weights by their counts."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.data.counts import (
    LARGEST_WEIGHT,
    RowCounts,
    is_label,
    is_weight,
)
from bank_spark_dl.distributed.data.partitioning import TrainingColumns
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import quoted

COUNT_LOSSES = (
    "poisson",
    "Poisson",
    "mean_squared_logarithmic_error",
    "msle",
    "MSLE",
    "MeanSquaredLogarithmicError",
)
"""Keras's names of losses of labels of 0 or more."""


def require_labels(
    frame: DataFrame, columns: TrainingColumns, counts: RowCounts | None, classes: int | None
) -> RowCounts:
    """Refuse labels that are not 0 to classes - 1, at least two of them, or no different numbers.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        counts: Result of `counts.count_rows` for them.
        classes: Number of classes; None: labels are numbers.

    Returns:
        The counts.

    Raises:
        ParameterError: A label, a weight or the mark of a validation row is something else, with
            the id of a row that has it; or all rows have the same label.
    """
    if counts is None:
        raise ParameterError(
            _no_mark(frame, columns)
            or _no_weight(frame, columns)
            or _other_label(frame, columns, classes)
        )
    present = [label for label, held in counts.rows.items() if held.any()]
    if present and counts.largest_weight == 0:
        raise ParameterError(
            f"weightCol is {columns.weight!r}, a column of zeros: give some rows a weight above 0."
        )
    low, high = counts.limits or (0, 1)
    if classes is None and low == high:
        raise ParameterError(
            f"All rows have the label {_plain(low)} in the column {columns.label!r}: a network "
            "learns nothing from it. Train on rows whose labels differ."
        )
    if counts.strata.number == 1 and low == high:
        raise ParameterError(_one_class(columns, int(low), classes))
    if counts.strata.number > 1 and len(present) == 1:
        raise ParameterError(_one_class(columns, present[0], classes))
    return counts


def require_counts(columns: TrainingColumns, counts: RowCounts, loss: str) -> None:
    """Refuse labels below 0 for a loss that takes none.

    Args:
        columns: Names of the columns.
        counts: Of labels that are numbers.
        loss: Name of a Keras loss.

    Raises:
        ParameterError: A label is below 0.
    """
    low, _ = counts.limits or (0.0, 0.0)
    if low < 0 and loss in COUNT_LOSSES:
        raise ParameterError(
            f"loss {loss!r} takes labels of 0 or more, but the column {columns.label!r} holds "
            f"{_plain(low)}: use mean_squared_error."
        )


def _one_class(columns: TrainingColumns, label: int, classes: int | None) -> str:
    other = str(1 - label) if classes == 2 else "another number"
    return (
        f"All rows have the label {label} in the column {columns.label!r}: a network cannot learn "
        f"from one class. Train on rows of which some have the label {other}."
    )


def _no_mark(frame: DataFrame, columns: TrainingColumns) -> str | None:
    if columns.validation is None:
        return None
    unmarked = frame.where(sf.col(quoted(columns.validation)).isNull())
    found = unmarked.select(sf.col(quoted(columns.row_id))).head()
    if found is None:
        return None
    return (
        f"validationIndicatorCol is {columns.validation!r}, a column that is null in the row "
        f"{found[0]!r}: say true or false for each row."
    )


def _no_weight(frame: DataFrame, columns: TrainingColumns) -> str | None:
    if columns.weight is None:
        return None
    weight = sf.col(quoted(columns.weight)).cast("double")
    found = frame.where(~is_weight(weight)).select(quoted(columns.row_id), weight).head()
    if found is None:
        return None
    return (
        f"weightCol is {columns.weight!r}, a column that holds {_plain(found[1])} in the row "
        f"{found[0]!r}: a weight is a number from 0 to {LARGEST_WEIGHT:.0e}. Correct it, or leave "
        "the row out."
    )


def _other_label(frame: DataFrame, columns: TrainingColumns, classes: int | None) -> str:
    label = sf.col(quoted(columns.label)).cast("double")
    found = frame.where(~is_label(label, classes)).select(quoted(columns.row_id), label).head()
    row_id, value = found if found is not None else (None, None)
    if classes is None:
        return (
            f"The label column {columns.label!r} must hold numbers within 3.4e38, but holds "
            f"{_plain(value)}, in the row {row_id!r}. Correct it, or drop the rows without a label."
        )
    if classes == 2:
        wanted = "0 and 1 only"
    else:
        wanted = f"0 to {classes - 1} only, one number for each output of the network"
    return (
        f"The label column {columns.label!r} must hold {wanted}, but holds {_plain(value)} too, in "
        f"the row {row_id!r}. Index it first, or drop the rows without a label."
    )


def _plain(value: float | None) -> str:
    return "null" if value is None else repr(value).removesuffix(".0")
