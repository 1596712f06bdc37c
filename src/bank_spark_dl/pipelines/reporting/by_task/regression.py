"""Report the results of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any, Final

from plotly.graph_objects import Figure
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.figures import RegressionComparison, RegressionFigures
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.number_curves import number_curves
from bank_spark_dl.ml.evaluation.results import Metrics, RegressionSubgroup
from bank_spark_dl.parameters import ColumnOptions
from bank_spark_dl.pipelines.reporting.by_task.task_report import Columns, TaskReport
from bank_spark_dl.pipelines.reporting.plots.numbers import (
    decile_errors,
    predicted_against_true,
    residual_histogram,
)
from bank_spark_dl.pipelines.reporting.shown import shown_number
from bank_spark_dl.pipelines.reporting.verdict import (
    Difference,
    useless_sentence,
)

NOTHING_LEARNT: Final = 0.01
"""Share of the floor's squared error that a network of use takes away, at least."""


class RegressionReport(TaskReport):
    """Of numbers."""

    card_columns = {}  # noqa: RUF012  read only

    def warning(
        self,
        train: RegressionFigures,
        test: RegressionFigures,
        baselines: Mapping[str, RegressionFigures],
        unscaled: Sequence[str],
    ) -> str | None:
        """Warn of an RMSE that is hardly better than that of the mean."""
        floor = baselines.get("mean")
        if floor is None or test.rmse**2 < (1 - NOTHING_LEARNT) * floor.rmse**2:
            return None
        found = (
            f"its RMSE on the test rows is {shown_number(test.rmse)}, while the mean of the train "
            f"rows, predicted for every row, gives {shown_number(floor.rmse)}"
        )
        return useless_sentence(found, unscaled)

    def differences(self, comparison: RegressionComparison) -> Sequence[Difference]:
        """Let RMSE and mean absolute error decide."""
        return (
            _difference("RMSE", comparison.rmse),
            _difference("mean absolute error", comparison.mae),
        )

    def subject(self, columns: ColumnOptions, metrics: Metrics) -> str:
        """Name the label."""
        return columns.label

    def headline(self, test: RegressionFigures) -> str:
        """Name the RMSE."""
        return f"RMSE {shown_number(test.rmse)}"

    def figure_columns(self, test: RegressionFigures) -> Columns:
        """Show RMSE, mean absolute error and R2."""
        return {
            "RMSE": lambda part: shown_number(part.rmse),
            "mean absolute error": lambda part: shown_number(part.mae),
            "R²": lambda part: f"{part.r2:z.3f}",
        }

    def row_columns(self, columns: ColumnOptions) -> Columns:
        """Show the label's mean."""
        return {f"mean {columns.label}": lambda part: shown_number(part.mean)}

    def subgroup_columns(self) -> Columns:
        """Show mean absolute error and RMSE."""
        return {
            "mean absolute error": lambda group: _with_interval(group.mae),
            "RMSE": lambda group: shown_number(group.rmse),
        }

    def is_weak(self, subgroup: RegressionSubgroup, test: RegressionFigures) -> bool:
        """Compare the lower end of the mean absolute error's interval with that of all rows."""
        return subgroup.mae.low > test.mae

    def draw_roc(self, predictions: DataFrame, classes: Sequence[str], points: int) -> Figure:
        """Draw nothing: numbers have no ROC curve."""
        return Figure()

    def draw_calibration(
        self, predictions: DataFrame, metrics: Metrics
    ) -> tuple[Figure, Figure, Figure]:
        """Draw predicted against true numbers, residuals and errors by decile."""
        test: Any = metrics.test
        curves = number_curves(predictions)
        return (
            predicted_against_true(curves),
            residual_histogram(curves, test.residuals),
            decile_errors(curves, test.mae),
        )

    def draw_confusion(self, figures: Any, rows: str, columns: ColumnOptions) -> Figure:
        """Draw nothing: numbers are not confused."""
        return Figure()


def _difference(figure: str, difference: Interval) -> Difference:
    mean, low, high = (shown_number(end, "+") for end in astuple(difference))
    return Difference(figure, difference, -1, f"{figure} {mean}, 95% interval {low} to {high}")


def _with_interval(value: Interval) -> str:
    mean, low, high = map(shown_number, astuple(value))
    return f"{mean} ({low}–{high})"
