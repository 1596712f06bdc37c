"""Decide what is predicted: one of two classes, one of more, or a number."""

from collections.abc import Mapping
from typing import Final

from pyspark.sql.types import (
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    NumericType,
)

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.target import TaskName

MOST_NUMBERS: Final = 20
"""Whole numbers with more different values are amounts."""


def decide_task(
    source: str, name: str, kind: DataType, values: Mapping[str, int], given: TaskName | None
) -> tuple[TaskName, str]:
    """Decide the task by the label's type and its different values.

    Args:
        source: The table's path, for messages.
        name: The label's name.
        kind: Its declared type.
        values: Rows by value.
        given: The task that the user names.

    Returns:
        The task, and why.

    Raises:
        InputDataError: The user names numbers, and the label is none.
    """
    if given == "regression" and not isinstance(kind, NumericType):
        raise InputDataError(
            f"{source}: the label '{name}' is of the type {kind.simpleString()}, and --task "
            "regression needs numbers. Name another column with --label, or leave --task out."
        )
    if given is not None:
        return given, "as given by --task"
    if len(values) == 2:
        return "binary", "it has two values"
    if isinstance(kind, DoubleType | FloatType | DecimalType):
        return "regression", "its numbers have decimals"
    if isinstance(kind, IntegralType) and len(values) > MOST_NUMBERS:
        return "regression", f"its whole numbers have more than {MOST_NUMBERS} values"
    if isinstance(kind, IntegralType):
        return "multiclass", f"its whole numbers have no more than {MOST_NUMBERS} values"
    return "multiclass", "it is no number"


def check_positive(task: TaskName, positive: str | None) -> None:
    """Raise ParameterError if a positive class is named, and there are not two."""
    if positive is not None and task != "binary":
        raise ParameterError(
            f"--positive names one of two classes, but the task is {task}. Leave it out, or give "
            "--task binary."
        )
