"""Find parts of the rows in which a class of the label is missing."""

from collections.abc import Collection
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.spark.adaptive_execution import one_job_per_action
from bank_spark_dl.spark.sql import quoted


def absent_classes(
    rows: DataFrame, label: str, part: Column, parts: Collection[Any]
) -> list[tuple[Any, str]]:
    """Find parts without a row of a class, in one Spark job.

    Args:
        rows: Clean rows.
        label: Raw name of the label.
        part: The part of a row.
        parts: The parts that need every class of the rows.

    Returns:
        Part and class as text; parts in the order given.
    """
    text = F.col(quoted(carried_name(label))).cast("string")
    pairs = rows.select(part.alias("part"), text.alias("class")).distinct()
    with one_job_per_action(rows.sparkSession):
        there = {(row["part"], row["class"]) for row in pairs.collect()}
    classes = sorted({value for _, value in there})
    return [(each, value) for each in parts for value in classes if (each, value) not in there]
