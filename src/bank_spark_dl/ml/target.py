"""What is predicted: one of some classes, or a number."""

from dataclasses import dataclass
from typing import Final, Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType, DoubleType, FloatType

from bank_spark_dl.spark.sql import quoted

TaskName = Literal["binary", "multiclass", "regression"]
MOST_CLASSES: Final = 1000
"""A label with more values is no class."""


@dataclass(frozen=True)
class Target:
    """The dataset `target`.

    Attributes:
        column: Raw name of the label.
        task: Two classes, more classes, or a number.
        classes: As the data write them, in the order of `label_index`: negative and positive, or
            all in the order of their text; none for a number.
    """

    column: str
    task: TaskName
    classes: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        """Outputs of a network that predicts it."""
        return max(len(self.classes), 1)


def holds_numbers(rows: DataFrame, column: str, task: str) -> bool:
    """Tell whether the label is a number to predict, not a class, by `data.task`.

    With `auto` it is one if its type has decimals and there are more than two values, which takes a
    small Spark job.

    Args:
        rows: Rows with the label.
        column: The label's name in them.
        task: The parameter.
    """
    if task != "auto":
        return task == "regression"
    if not isinstance(rows.schema[column].dataType, DoubleType | FloatType | DecimalType):
        return False
    values = rows.select(F.col(quoted(column)).alias("value")).where("value IS NOT NULL")
    return len(values.distinct().take(3)) > 2
