"""Divide rows by the label's class, and find parts of them in which a class is missing."""

from collections.abc import Collection
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.target import holds_numbers
from bank_spark_dl.parameters import DataOptions
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted

ANY_NUMBER: Final = "any number"


def stratum(rows: DataFrame, data: DataOptions) -> Column:
    """Return what rows are stratified by: the label's class as text, one text for all numbers.

    Args:
        rows: Clean rows.
        data: Names the label and the task.
    """
    label = carried_name(data.columns.label)
    if holds_numbers(rows, label, data.task):
        return F.lit(ANY_NUMBER)
    return F.col(quoted(label)).cast("string")


def absent_classes(
    rows: DataFrame,
    data: DataOptions,
    part: Column,
    parts: Collection[Any],
    tested: Collection[Any] = (),
) -> list[tuple[Any, str]]:
    """Find parts without a row of a class, in one Spark job.

    Args:
        rows: Clean rows.
        data: Names the label and the task.
        part: The part of a row.
        parts: The parts that need every class of the rows.
        tested: Those of them in which a class may be missing if there are more than two.

    Returns:
        Part and class as text; parts in the order given. Numbers have one class.
    """
    pairs = rows.select(part.alias("part"), stratum(rows, data).alias("class")).distinct()
    with one_job_per_action(rows.sparkSession):
        there = {(row["part"], row["class"]) for row in pairs.collect()}
    classes = sorted({value for _, value in there})
    needing = [each for each in parts if len(classes) <= 2 or each not in tested]
    return [(each, value) for each in needing for value in classes if (each, value) not in there]
