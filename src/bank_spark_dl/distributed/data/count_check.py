"""Check labels, ids and validation rows by their counts."""

import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.partitioning import BUCKETS, TrainingColumns
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import quoted

_LARGE_FRACTION = 0.25
"""Ids do not identify rows if more than this fraction of them share one value."""
_CHANCE_COLLISIONS = 8
"""So many of a few rows never share one of 65,536 buckets by chance."""

Counts = Mapping[int, npt.NDArray[np.int64]]


def require_labels(frame: DataFrame, columns: TrainingColumns, counts: Counts | None) -> Counts:
    """Refuse labels that are not 0 and 1, both of them.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        counts: Result of `partitioning.count_buckets` for them.

    Returns:
        The counts.

    Raises:
        ParameterError: A label is something else, or the mark of a validation row null, with the id
            of a row that has it; or all rows have the same label.
    """
    if counts is None:
        raise ParameterError(_no_mark(frame, columns) or _other_label(frame, columns))
    absent = [label for label, held in counts.items() if not held.any()]
    if len(absent) == 1:
        raise ParameterError(
            f"All rows have the label {1 - absent[0]} in the column {columns.label!r}: a network "
            f"cannot learn from one class. Train on rows of which some have the label {absent[0]}."
        )
    return counts


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


def _other_label(frame: DataFrame, columns: TrainingColumns) -> str:
    label = sf.col(quoted(columns.label)).cast("double")
    other = frame.where(label.isNull() | ~label.isin(0.0, 1.0))
    found = other.select(sf.col(quoted(columns.row_id)), label).head()
    row_id, value = found if found is not None else (None, None)
    shown = "null" if value is None else repr(value).removesuffix(".0")
    return (
        f"The label column {columns.label!r} must hold 0 and 1 only, but holds {shown} too, in the "
        f"row {row_id!r}. Index it first, or drop the rows without a label."
    )


def require_ids(columns: TrainingColumns, counts: Counts) -> None:
    """Refuse ids that hardly identify rows: they decide which worker gets which row.

    Raises:
        ParameterError: A large fraction of them has one hash.
    """
    buckets = np.sum([held.reshape(-1, BUCKETS) for held in counts.values()], axis=(0, 1))
    rows = int(buckets.sum())
    most = int(buckets.max())
    if (most > _CHANCE_COLLISIONS and most > rows * _LARGE_FRACTION) or most == rows > 2:
        raise ParameterError(
            f"The column {columns.row_id!r} does not identify rows: {most:,} of {rows:,} share one "
            "value. Name a column in rowIdCol whose values differ from row to row."
        )


def require_training_rows(
    validation: Mapping[int, int], columns: TrainingColumns, counts: Counts
) -> None:
    """Refuse marks that leave no row of a label to train on.

    Args:
        validation: Validation rows of label 0 and of label 1.
        columns: Names of the columns.
        counts: Result of `partitioning.count_buckets`.

    Raises:
        ParameterError: All rows of a label are validation rows.
    """
    for label, rows in validation.items():
        if columns.validation is not None and rows == counts[label].sum():
            raise ParameterError(
                f"The column {columns.validation!r} (validationIndicatorCol) marks all rows with "
                f"the label {label} as validation rows: leave some of them to train on."
            )


def require_validation_rows(
    validation: Mapping[int, int], counts: Counts, config: TrainingConfig
) -> None:
    """Refuse validation rows of one label only, where a figure needs both.

    Args:
        validation: Validation rows of label 0 and of label 1.
        counts: Result of `partitioning.count_buckets`.
        config: The training's configuration.

    Raises:
        ParameterError: Early stopping or calibration needs rows of both labels.
    """
    for label, buckets in counts.items():
        if config.validation_split and buckets.sum() == 1:
            warnings.warn(
                f"Label {label} has a single row: it is trained on, and no validation row has this "
                "label.",
                stacklevel=2,
            )
    stopping, needing = config.early_stopping, []
    if stopping is not None and stopping.monitor == "val_auc":
        needing.append("early_stopping monitors val_auc")
    if config.calibration != "none":
        needing.append(f"calibration={config.calibration} is fitted")
    for label, rows in validation.items():
        if needing and rows == 0:
            had = int(counts[label].sum())
            advice = "train on more" if config.validation_split else "mark some"
            raise ParameterError(
                f"{' and '.join(needing)} on validation rows of both labels, but label {label} has "
                f"{'a single row' if had == 1 else f'{had:,} rows'}, and none of them is a "
                f"validation row: {advice} rows of label {label}, or do without."
            )
