"""Check the rows before they are laid out: columns, labels, ids."""

import warnings
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    MapType,
    NumericType,
    StringType,
    StructType,
    VariantType,
)

from bank_spark_dl.distributed.config import TrainingSettings
from bank_spark_dl.distributed.data.frame_columns import features_field, only_field
from bank_spark_dl.distributed.data.partitioning import RowColumns
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.sql import quoted

_LARGE_PART = 0.25
"""Ids of which one is that of more than this share of all rows do not tell rows apart."""
_ROWS_OF_CHANCE = 8
"""More rows than ever share one of 65,536 hashes by chance, where there are few."""

Counts = Mapping[int, npt.NDArray[np.int64]]


def check_frame(frame: DataFrame, columns: RowColumns, inputs: int) -> None:
    """Refuse a frame that cannot be trained on, as far as its schema tells.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        inputs: Numbers that the network takes.

    Raises:
        ParameterError: A column is not there, not clear, of the wrong type, or plays two parts; or
            its features are more or fewer than the network takes.
    """
    if frame.isStreaming:
        raise ParameterError(
            "A stream has no last row to train on: fit a DataFrame of rows that are there."
        )
    parts = {
        "featuresCol": features_field(frame, columns.features),
        "labelCol": only_field(frame, columns.label, "labelCol"),
        "rowIdCol": only_field(frame, columns.row_id, "rowIdCol"),
    }
    for (part, field), (other, same) in combinations(parts.items(), 2):
        if field.name == same.name:
            raise ParameterError(
                f"{part} and {other} are both {field.name!r}: a column plays one part only."
            )
    _check_label(columns.label, parts["labelCol"].dataType)
    kind = parts["rowIdCol"].dataType
    if not _hashable(kind):
        raise ParameterError(
            f"rowIdCol is {columns.row_id!r}, a column of {kind.simpleString()}, which Spark "
            "cannot hash: name a column of text or numbers that differ from row to row."
        )
    width = parts["featuresCol"].metadata.get("ml_attr", {}).get("num_attrs", inputs)
    if width != inputs:
        raise ParameterError(
            f"The column {columns.features!r} holds {width} numbers in each row, but the network "
            f"takes {inputs}: begin the network with keras.Input(({width},)), or name other "
            "features in featuresCol."
        )


def _check_label(name: str, kind: DataType) -> None:
    if isinstance(kind, NumericType | BooleanType):
        return
    advice = "index it with a StringIndexer" if isinstance(kind, StringType) else "make it numbers"
    raise ParameterError(
        f"labelCol is {name!r}, a column of {kind.simpleString()}, and labels are the numbers 0 "
        f"and 1: {advice} first."
    )


def _hashable(kind: DataType) -> bool:
    if isinstance(kind, ArrayType):
        return _hashable(kind.elementType)
    if isinstance(kind, StructType):
        return all(_hashable(field.dataType) for field in kind.fields)
    return not isinstance(kind, MapType | VariantType)


def require_labels(frame: DataFrame, columns: RowColumns, counts: Counts | None) -> Counts:
    """Refuse labels that are not 0 and 1, both of them.

    Args:
        frame: Rows to train on.
        columns: Names of their columns.
        counts: Result of `layout.count_runs` for them.

    Returns:
        The counts.

    Raises:
        ParameterError: A label is something else, with the id of a row that has it; or all rows
            have the same.
    """
    if counts is None:
        raise ParameterError(_odd_label(frame, columns))
    absent = [label for label, runs in counts.items() if not runs.any()]
    if len(absent) == 1:
        raise ParameterError(
            f"All rows have the label {1 - absent[0]} in the column {columns.label!r}: nothing can "
            f"be learnt from one class. Train on rows of which some have the label {absent[0]}."
        )
    return counts


def _odd_label(frame: DataFrame, columns: RowColumns) -> str:
    label = sf.col(quoted(columns.label)).cast("double")
    odd = frame.where(label.isNull() | ~label.isin(0.0, 1.0))
    found = odd.select(sf.col(quoted(columns.row_id)), label).head()
    row_id, value = found if found is not None else (None, None)
    shown = "null" if value is None else repr(value).removesuffix(".0")
    return (
        f"The label column {columns.label!r} must hold 0 and 1 only, but holds {shown} too, in the "
        f"row {row_id!r}. Index it first, or drop the rows without a label."
    )


def require_ids(columns: RowColumns, counts: Counts) -> None:
    """Refuse ids that hardly tell rows apart: they decide which worker gets which row.

    Raises:
        ParameterError: A large part of them shares one hash of their ids.
    """
    runs = np.sum(list(counts.values()), axis=0)
    rows = int(runs.sum())
    most = int(runs.max())
    if (most > _ROWS_OF_CHANCE and most > rows * _LARGE_PART) or most == rows > 2:
        raise ParameterError(
            f"The column {columns.row_id!r} does not identify rows: {most:,} of {rows:,} share one "
            "value. Name a column in rowIdCol whose values differ from row to row."
        )


def require_validation_rows(
    validation: Mapping[int, int], counts: Counts, settings: TrainingSettings
) -> None:
    """Refuse validation rows of one class only, where a figure needs both.

    Args:
        validation: Validation rows of label 0 and of label 1.
        counts: Result of `layout.count_runs`.
        settings: The training's settings.

    Raises:
        ParameterError: What is monitored or calibrated cannot be told.
    """
    for label, runs in counts.items():
        if settings.validation_split and runs.sum() == 1:
            warnings.warn(
                f"Label {label} has a single row: it is trained on, and no validation row has this "
                "label.",
                stacklevel=2,
            )
    stopping, needing = settings.early_stopping, []
    if stopping is not None and stopping.monitor == "val_auc":
        needing.append("early_stopping watches val_auc")
    if settings.calibration != "none":
        needing.append(f"calibration={settings.calibration} is fitted")
    for label, rows in validation.items():
        if needing and rows == 0:
            had = int(counts[label].sum())
            raise ParameterError(
                f"{' and '.join(needing)} on validation rows of both labels, but label {label} has "
                f"{'a single row' if had == 1 else f'{had:,} rows'}, and none of them is held "
                f"back: train on more rows of label {label}, or do without."
            )
