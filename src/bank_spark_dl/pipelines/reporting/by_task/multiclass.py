"""Report the results of more than two classes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from plotly.graph_objects import Figure
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.class_curves import class_reliability, class_roc_curves
from bank_spark_dl.ml.evaluation.figures import Comparison, MulticlassFigures
from bank_spark_dl.ml.evaluation.multiclass import TOP
from bank_spark_dl.ml.evaluation.results import Metrics
from bank_spark_dl.parameters import ColumnOptions
from bank_spark_dl.pipelines.reporting.by_task.class_report import ClassReport
from bank_spark_dl.pipelines.reporting.by_task.task_report import Columns
from bank_spark_dl.pipelines.reporting.plots.classes import (
    CURVES,
    class_curves,
    class_reliability_diagram,
    large_confusion_matrix,
    mean_curves,
)
from bank_spark_dl.pipelines.reporting.verdict import (
    Difference,
    accuracy_difference,
    log_loss_difference,
    useless_sentence,
)

NOTHING_LEARNT: Final = 0.01
"""Share of the floor's log loss that a network of use takes away, at least."""
DRAWN_CLASSES: Final = 30
"""Classes up to which a confusion matrix is drawn."""


class MulticlassReport(ClassReport):
    """Of more than two classes."""

    card_columns = {  # noqa: RUF012  read only
        "AUC, weighted": lambda part: f"{part.auc_weighted:.3f}",
        "calibration error": lambda part: f"{part.calibration_error:.3f}",
    }

    def warning(
        self,
        train: MulticlassFigures,
        test: MulticlassFigures,
        baselines: Mapping[str, MulticlassFigures],
        unscaled: Sequence[str],
    ) -> str | None:
        """Warn of a log loss that is hardly better than that of the classes' shares."""
        floor = baselines.get("class_shares")
        if floor is None or test.log_loss < (1 - NOTHING_LEARNT) * floor.log_loss:
            return None
        found = (
            f"its log loss on the test rows is {test.log_loss:.3f}, while the classes' shares "
            f"among the train rows, stated for every row, give {floor.log_loss:.3f}"
        )
        return useless_sentence(found, unscaled)

    def differences(self, comparison: Comparison) -> Sequence[Difference]:
        """Let log loss and accuracy decide: the most probable class depends on no threshold."""
        return (
            log_loss_difference(comparison.log_loss),
            accuracy_difference(comparison.accuracy, gain=1),
        )

    def subject(self, columns: ColumnOptions, metrics: Metrics) -> str:
        """Name the label and count its classes."""
        test: Any = metrics.test
        return f"{columns.label}, one of {len(test.classes)} classes,"

    def headline(self, test: MulticlassFigures) -> str:
        """Name the accuracy."""
        return f"accuracy {test.accuracy:.3f}"

    def figure_columns(self, test: MulticlassFigures) -> Columns:
        """Show accuracy, AUC and log loss; the top 3 only of more classes."""
        top: Columns = {"top 3": lambda part: f"{part.top_3:.3f}"}
        return {
            "accuracy": lambda part: f"{part.accuracy:.3f}",
            **(top if len(test.classes) > TOP else {}),
            "AUC": lambda part: f"{part.auc:.3f}",
            "log loss": lambda part: f"{part.log_loss:.3f}",
        }

    def weighted_columns(self, test: MulticlassFigures) -> Columns:
        """Show accuracy and log loss."""
        columns = self.figure_columns(test)
        return {title: columns[title] for title in ("accuracy", "log loss")}

    def row_columns(self, columns: ColumnOptions) -> Columns:
        """Show nothing: there are too many shares."""
        return {}

    def draw_roc(self, predictions: DataFrame, classes: Sequence[str], points: int) -> Figure:
        """Draw each class of the network against the rest, or the mean of many, by model."""
        curves = class_roc_curves(predictions, points, "model")
        network = curves.pop("network", {})
        if len(classes) <= CURVES:
            return class_curves({classes[n]: curve for n, curve in network.items()})
        return mean_curves({"network": network, **curves}, points)

    def draw_calibration(
        self, predictions: DataFrame, metrics: Metrics
    ) -> tuple[Figure, Figure, Figure]:
        """Draw how often the most probable class, and each of few, is the true one."""
        test: Any = metrics.test
        names = [each.name for each in test.classes]
        found = class_reliability(predictions, each=len(names) <= CURVES)
        return (
            class_reliability_diagram(found, names, test.calibration_error),
            Figure(),
            Figure(),
        )

    def draw_confusion(
        self, figures: MulticlassFigures, rows: str, columns: ColumnOptions
    ) -> Figure:
        """Draw the shares of each true class, unless there are too many classes."""
        if figures.confusion_matrix is None or len(figures.classes) > DRAWN_CLASSES:
            return Figure()
        return large_confusion_matrix(figures, rows, columns.label)
