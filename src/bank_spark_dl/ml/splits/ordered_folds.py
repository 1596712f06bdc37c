"""Cut rows into folds by time or by group, whatever the order and partitions of the rows."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.splits.classes import absent_classes
from bank_spark_dl.ml.splits.cuts import nearest_cuts
from bank_spark_dl.ml.splits.folds import DEALT, add_fold
from bank_spark_dl.ml.splits.keys import split_column, split_key
from bank_spark_dl.ml.target import holds_numbers
from bank_spark_dl.parameters import CrossValidationOptions, DataOptions


def deal_rows(rows: DataFrame, data: DataOptions, options: CrossValidationOptions) -> DataFrame:
    """Give each row the number of its fold, as `data.split` says.

    By group, whole groups are dealt in the order of a hash of their value and the seed. By time,
    the rows are cut into one more block than there are folds: the oldest block is in no fold.

    Args:
        rows: Clean rows.
        data: How to split, the columns that it needs, and the label.
        options: Number of folds and their seed.

    Returns:
        The rows with `__fold__` (int, from 0; -1: in no fold). Folds have nearly the same number of
        rows: as nearly as moments or groups allow, which are never divided.

    Raises:
        InputDataError: The rows cannot be cut so; or a class of the label is missing in a fold or
            in the oldest block.
    """
    label = data.columns.label
    numbers = holds_numbers(rows, carried_name(label), data.task)
    if data.split == "random":
        return add_fold(rows, None if numbers else label, options.folds, options.seed)
    first = -1 if data.split == "time" else 0
    shares = [n / (options.folds - first) for n in range(1, options.folds - first)]
    key = split_key(rows, data, options.seed)
    cuts = nearest_cuts(rows, key, shares)
    if len(set(cuts)) < len(shares):
        raise InputDataError(
            f"The column '{split_column(data)}' (data.columns.{data.split}) has too few different "
            f"values, or too many rows with one of them, for {options.folds} folds of nearly the "
            f"same size: {_remedy(options.folds)}."
        )
    fold = sum((F.when(key > F.lit(cut), 1).otherwise(0) for cut in cuts), F.lit(first))
    if not numbers:
        _require_classes(rows, data, fold, range(first, options.folds))
    return rows.withColumn(DEALT, fold)


def trains(fold: int, data: DataOptions) -> Column:
    """Return a condition for the dealt rows that a fold's models are trained on.

    These are the rows of all other folds; where the split is by time, all older rows.
    """
    return F.col(DEALT) < fold if data.split == "time" else F.col(DEALT) != fold


def _require_classes(rows: DataFrame, data: DataOptions, fold: Column, folds: range) -> None:
    for where, value in absent_classes(rows, data, fold, folds):
        part = "the oldest rows, which all folds train on" if where < 0 else f"fold {where}"
        raise InputDataError(
            f"The label '{data.columns.label}' is {value!r} in no row of {part}, but all classes "
            f"are needed there: {_remedy(folds.stop)}."
        )


def _remedy(folds: int) -> str:
    """Say what to change; there are two folds at least."""
    return f"{'lower cross_validation.folds, or ' if folds > 2 else ''}set data.split to random"
