"""Hold out rows as `data.split` says."""

from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.splits.classes import absent_classes
from bank_spark_dl.ml.splits.cuts import nearest_cuts
from bank_spark_dl.ml.splits.keys import split_column, split_key
from bank_spark_dl.ml.splits.random import has_low_hash
from bank_spark_dl.parameters import DataOptions


@dataclass(frozen=True)
class Part:
    """What rows are held out for, in the words of messages.

    Attributes:
        name: Of the rows.
        fraction: The parameter that says how many.
    """

    name: str
    fraction: str


TEST: Final = Part("test", "data.test_fraction")
VALIDATION: Final = Part("validation", "elephas.validation_split")


def is_held_out(
    rows: DataFrame, data: DataOptions, fraction: float, seed: int, part: Part
) -> Column:
    """Return a condition for the rows that are held out, a function of the set of rows alone.

    By time these are the newest rows, and rows of one moment are on one side. By group these are
    the groups with the lowest hashes of their value and the seed. The number of rows is as near to
    the fraction as moments or groups allow, at least one and never all.

    Args:
        rows: Clean rows.
        data: How to split, the columns that it needs, the label and the task.
        fraction: Fraction of the rows to hold out, (0, 1).
        seed: Another seed, other rows, unless the split is by time.
        part: What they are held out for.

    Raises:
        InputDataError: A row has no time or group; all rows have the same; or a class is on one
            side only. One of more than two classes may be missing in the rows that are held out.
    """
    if data.split == "random":
        return has_low_hash(rows, data, fraction, seed)
    by_time = data.split == "time"
    key = split_key(rows, data, seed)
    cuts = nearest_cuts(rows, key, [1 - fraction if by_time else fraction])
    if not cuts:
        raise InputDataError(
            f"All rows have the same value in the column '{split_column(data)}' "
            f"(data.columns.{data.split}), so there can be no {part.name} rows: name another "
            "column, or set data.split to random."
        )
    held_out = key > F.lit(cuts[0]) if by_time else key <= F.lit(cuts[0])
    _require_classes(rows, held_out, data, part)
    return held_out


def _require_classes(rows: DataFrame, held_out: Column, data: DataOptions, part: Part) -> None:
    for side, value in absent_classes(rows, data, held_out, (True, False), tested=(True,)):
        raise InputDataError(
            f"The label '{data.columns.label}' is {value!r} in no "
            f"{part.name if side else 'training'} row, and data.split: {data.split} needs one "
            f"there: change {part.fraction}, or set data.split to random."
        )
