"""How results are reported, by task: two classes, many classes, numbers."""

from typing import Final

from bank_spark_dl.pipelines.reporting.by_task.binary import BinaryReport
from bank_spark_dl.pipelines.reporting.by_task.multiclass import MulticlassReport
from bank_spark_dl.pipelines.reporting.by_task.regression import RegressionReport
from bank_spark_dl.pipelines.reporting.by_task.task_report import TaskReport

__all__ = ["TaskReport", "report_of"]

_REPORTS: Final[dict[str, TaskReport]] = {
    "binary": BinaryReport(),
    "multiclass": MulticlassReport(),
    "regression": RegressionReport(),
}


def report_of(task: str) -> TaskReport:
    """Return how the results of a task are reported, by its name: that of `Metrics.task`."""
    return _REPORTS[task]
