"""Check ids, training and validation rows by their counts."""

import warnings
from collections.abc import Mapping

import numpy as np

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.counts import (
    Counts,
    RowCounts,
)
from bank_spark_dl.distributed.data.partitioning import TrainingColumns
from bank_spark_dl.errors import ParameterError

_LARGE_FRACTION = 0.25
"""Ids do not identify rows if more than this fraction of them share one value."""
_CHANCE_COLLISIONS = 8
"""So many of a few rows never share one bucket by chance."""
_SHOWN = 5
"""Labels that a message names at most."""


def require_ids(columns: TrainingColumns, counts: RowCounts) -> None:
    """Refuse ids that hardly identify rows: they decide which worker gets which row.

    Raises:
        ParameterError: A large fraction of them has one hash.
    """
    shape = (-1, counts.strata.buckets)
    buckets = np.sum([held.reshape(shape) for held in counts.rows.values()], axis=(0, 1))
    rows = int(buckets.sum())
    most = int(buckets.max())
    if (most > _CHANCE_COLLISIONS and most > rows * _LARGE_FRACTION) or most == rows > 2:
        raise ParameterError(
            f"The column {columns.row_id!r} does not identify rows: {most:,} of {rows:,} share one "
            "value. Name a column in rowIdCol whose values differ from row to row."
        )


def require_training_rows(
    validation: Mapping[int, int], columns: TrainingColumns, counts: RowCounts
) -> None:
    """Refuse marks that leave no row of a label to train on.

    Args:
        validation: Validation rows of each stratum.
        columns: Names of the columns.
        counts: Result of `counts.count_rows`.

    Raises:
        ParameterError: All rows of a label are validation rows.
    """
    for label, rows in validation.items():
        if columns.validation is not None and 0 < rows == counts.rows[label].sum():
            those = f"all rows with the label {label}" if len(validation) > 1 else "all rows"
            raise ParameterError(
                f"The column {columns.validation!r} (validationIndicatorCol) marks {those} as "
                "validation rows: leave some of them to train on."
            )


def require_validation_rows(
    validation: Mapping[int, int], counts: Counts, config: TrainingConfig
) -> None:
    """Refuse validation rows of too few labels, where a figure needs several.

    Args:
        validation: Validation rows of each stratum.
        counts: Rows of each stratum by bucket.
        config: The training's configuration.

    Raises:
        ParameterError: Early stopping or calibration needs rows of both labels, or of two of many.
    """
    classes = len(counts)
    if classes == 1:
        return
    _warn_of_few_rows(validation, counts, config)
    needing = _need_labels(config)
    with_rows = [label for label, rows in validation.items() if rows]
    enough = classes if classes == 2 else 2
    if not needing or len(with_rows) >= enough:
        return
    missing = next(label for label in counts if label not in with_rows)
    had = int(counts[missing].sum())
    advice = "train on more" if config.validation_split else "mark some"
    both = "both labels" if classes == 2 else "at least two labels"
    raise ParameterError(
        f"{' and '.join(needing)} on validation rows of {both}, but label {missing} has "
        f"{'a single row' if had == 1 else f'{had:,} rows'}, and none of them is a validation row: "
        f"{advice} rows of label {missing}, or do without."
    )


def _need_labels(config: TrainingConfig) -> list[str]:
    """Say what needs validation rows of several labels."""
    stopping, needing = config.early_stopping, []
    if stopping is not None and stopping.monitor.startswith("val_auc"):
        needing.append(f"early_stopping monitors {stopping.monitor}")
    if config.calibration != "none":
        needing.append(f"calibration={config.calibration} is fitted")
    return needing


def _warn_of_few_rows(
    validation: Mapping[int, int], counts: Counts, config: TrainingConfig
) -> None:
    absent = [label for label, held in counts.items() if not held.any()]
    if absent:
        warnings.warn(f"No row has the label {_listed(absent)}.", stacklevel=2)
    alone = [label for label, rows in validation.items() if not rows and label not in absent]
    if alone and config.validation_split != 0:
        warnings.warn(
            f"The label {_listed(alone)} has too few rows for a validation row: all of them are "
            "trained on.",
            stacklevel=2,
        )


def _listed(labels: list[int]) -> str:
    return ", ".join(map(str, labels[:_SHOWN])) + (", ..." if len(labels) > _SHOWN else "")
