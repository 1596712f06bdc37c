"""Report what two classes and more have in common."""

from dataclasses import astuple

from bank_spark_dl.ml.evaluation.figures import Figures, MulticlassFigures
from bank_spark_dl.ml.evaluation.results import MulticlassSubgroup, Subgroup
from bank_spark_dl.pipelines.reporting.by_task.task_report import Columns, TaskReport
from bank_spark_dl.pipelines.reporting.shown import optional_figure


class ClassReport(TaskReport):
    """Of classes."""

    def subgroup_columns(self) -> Columns:
        """Show accuracy and AUC."""
        return {
            "accuracy": lambda group: "{:.2f} ({:.2f}–{:.2f})".format(*astuple(group.accuracy)),
            "AUC": lambda group: optional_figure(group.auc, 2),
        }

    def is_weak(
        self, subgroup: Subgroup | MulticlassSubgroup, test: Figures | MulticlassFigures
    ) -> bool:
        """Compare the upper end of the accuracy's interval with the accuracy of all rows."""
        return subgroup.accuracy.high < test.accuracy
