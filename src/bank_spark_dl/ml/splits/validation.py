"""Mark validation rows by the rule that chose the test rows."""

from pyspark.sql import DataFrame

from bank_spark_dl.ml.column_names import HELD_OUT, carried_name
from bank_spark_dl.ml.splits.held_out import VALIDATION, is_held_out
from bank_spark_dl.ml.target import holds_numbers
from bank_spark_dl.parameters import DataOptions


def mark_validation(
    rows: DataFrame, data: DataOptions, validation_split: float, seed: int
) -> DataFrame:
    """Mark the train rows that are held out for validation, unless the engine draws them itself.

    It draws them where the split is random and the label is a class. Those of numbers are marked,
    for the prediction intervals that are made of their errors.

    Args:
        rows: Clean train rows.
        data: How to split, and the columns that it needs.
        validation_split: Fraction of the rows, [0, 1).
        seed: Another seed, other groups.

    Returns:
        The rows, with a boolean column where they are marked.

    Raises:
        InputDataError: The rows cannot be split so that both sides have both classes.
    """
    if validation_split == 0:
        return rows
    label = carried_name(data.columns.label)
    if data.split == "random" and not holds_numbers(rows, label, data.task):
        return rows
    return rows.withColumn(HELD_OUT, is_held_out(rows, data, validation_split, seed, VALIDATION))
