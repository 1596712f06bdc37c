"""What differs between two classes, many classes and numbers: one module for each."""

from typing import Final

from bank_spark_dl.tasks.binary import Binary
from bank_spark_dl.tasks.multiclass import Multiclass
from bank_spark_dl.tasks.regression import Regression
from bank_spark_dl.tasks.task import Task

__all__ = ["Task", "task_named"]

_TASKS: Final[dict[str, Task]] = {
    task.name: task for task in (Binary(), Multiclass(), Regression())
}


def task_named(name: str) -> Task:
    """Return a task by its name: that of `Target.task`."""
    return _TASKS[name]
