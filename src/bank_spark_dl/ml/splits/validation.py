"""Mark validation rows by the rule that chose the test rows."""

from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import HELD_OUT
from bank_spark_dl.ml.splits.held_out import VALIDATION, is_held_out
from bank_spark_dl.parameters import DataOptions


def mark_validation(
    rows: DataFrame, data: DataOptions, validation_split: float, seed: int
) -> DataFrame:
    """Mark the train rows that are held out for validation, unless the engine draws them itself.

    Args:
        rows: Clean train rows.
        data: How to split, and the columns that it needs.
        validation_split: Fraction of the rows, [0, 1).
        seed: Another seed, other groups.

    Returns:
        The rows, with a boolean column where the split is by time or by group.

    Raises:
        InputDataError: The rows cannot be split so that both sides have both classes.
    """
    if data.split == "random" or validation_split == 0:
        return rows
    return rows.withColumn(HELD_OUT, is_held_out(rows, data, validation_split, seed, VALIDATION))
