"""Report the results of two classes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any, Final

from plotly.graph_objects import Figure
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.curves import reliability, roc_points
from bank_spark_dl.ml.evaluation.figures import Comparison, Figures
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import Metrics
from bank_spark_dl.parameters import ColumnOptions
from bank_spark_dl.pipelines.reporting.by_task.class_report import ClassReport
from bank_spark_dl.pipelines.reporting.by_task.task_report import Columns
from bank_spark_dl.pipelines.reporting.plots.predictions import (
    confusion_matrix,
    reliability_diagram,
    roc_curves,
)
from bank_spark_dl.pipelines.reporting.shown import shown_share
from bank_spark_dl.pipelines.reporting.verdict import (
    Difference,
    accuracy_difference,
    log_loss_difference,
    useless_sentence,
)

NEARLY_CONSTANT: Final = 0.01
"""Spread of the probabilities below which they are nearly the same for every row, as a fraction of
the spread of probabilities that are always right."""


class BinaryReport(ClassReport):
    """Of two classes."""

    card_columns = {  # noqa: RUF012  read only
        "calibration error": lambda part: f"{part.calibration_error:.3f}"
    }
    ranked = True

    def warning(
        self,
        train: Figures,
        test: Figures,
        baselines: Mapping[str, Any],
        unscaled: Sequence[str],
    ) -> str | None:
        """Warn of nearly constant probabilities, or a log loss no better than a constant's."""
        share, constant = test.positives, min(max(train.positives, 1e-15), 1 - 1e-15)
        constant_loss = -share * math.log(constant) - (1 - share) * math.log(1 - constant)
        if test.spread < NEARLY_CONSTANT * math.sqrt(share * (1 - share)):
            found = "it states nearly the same probability for every test row"
        elif test.log_loss >= constant_loss:
            found = (
                f"its log loss on the test rows is {test.log_loss:.3f}, while {constant:.1%} for "
                f"every row gives {constant_loss:.3f}"
            )
        else:
            return None
        return useless_sentence(found, unscaled)

    def differences(self, comparison: Comparison) -> Sequence[Difference]:
        """Let log loss and AUC decide: they depend on no threshold, as accuracy does."""
        return (
            log_loss_difference(comparison.log_loss),
            _area_difference(comparison.auc),
            accuracy_difference(comparison.accuracy, gain=0),
        )

    def subject(self, columns: ColumnOptions, metrics: Metrics) -> str:
        """Name the label and its positive class."""
        return f"{columns.label} = {columns.positive}"

    def headline(self, test: Figures) -> str:
        """Name the AUC."""
        return f"AUC {test.auc:.3f}"

    def figure_columns(self, test: Figures) -> Columns:
        """Show accuracy, AUC and log loss."""
        return {
            "accuracy": lambda part: f"{part.accuracy:.3f}",
            "AUC": lambda part: f"{part.auc:.3f}",
            "log loss": lambda part: f"{part.log_loss:.3f}",
        }

    def row_columns(self, columns: ColumnOptions) -> Columns:
        """Show the share of positives."""
        return {str(columns.positive): lambda part: shown_share(part.positives)}

    def draw_roc(self, predictions: DataFrame, classes: Sequence[str], points: int) -> Figure:
        """Draw a curve for each model."""
        curves = roc_points(predictions, points, "model")
        return roc_curves({"network": curves.pop("network"), **curves})

    def draw_calibration(
        self, predictions: DataFrame, metrics: Metrics
    ) -> tuple[Figure, Figure, Figure]:
        """Draw the share of positives against the stated probability."""
        test: Any = metrics.test
        bins = reliability(predictions, metrics.prior)
        return reliability_diagram(bins, test.calibration_error), Figure(), Figure()

    def draw_confusion(self, figures: Figures, rows: str, columns: ColumnOptions) -> Figure:
        """Draw counts and shares of the true class."""
        classes = (f"not {columns.positive}", str(columns.positive))
        return confusion_matrix(figures, rows, columns.label, classes)


def _area_difference(difference: Interval | None) -> Difference:
    if difference is None:
        return Difference("AUC", None, 1, "too few rows of a class to compare the AUC")
    mean, low, high = astuple(difference)
    return Difference(
        "AUC", difference, 1, f"AUC {mean:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"
    )
