"""The interface of how the results of a task are reported."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from plotly.graph_objects import Figure
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.results import Metrics
from bank_spark_dl.parameters import ColumnOptions
from bank_spark_dl.pipelines.reporting.verdict import Difference

Columns = Mapping[str, Callable[[Any], str]]
"""Columns of a table: by title, the text of what a row is of."""


class TaskReport(ABC):
    """How the results of a task are drawn and told.

    Figures and subgroups are of the task's own types, see ml.evaluation. What is told in more than
    a sentence are templates in a folder of the task's name.

    Attributes:
        card_columns: Columns of figures that only the model card has.
        ranked: Whether rows are ranked by a probability.
    """

    card_columns: ClassVar[Columns]
    ranked: ClassVar[bool] = False

    @abstractmethod
    def warning(
        self, train: Any, test: Any, baselines: Mapping[str, Any], unscaled: Sequence[str]
    ) -> str | None:
        """Say that a network has learnt nothing, and what to do.

        Args:
            train: Its figures on the train rows.
            test: Its figures on the test rows.
            baselines: Figures of the baselines on the test rows.
            unscaled: Numeric columns that are not standardized.
        """

    @abstractmethod
    def differences(self, comparison: Any) -> Sequence[Difference]:
        """Return the differences from a baseline that a verdict names.

        Args:
            comparison: The network's figures minus the baseline's on the same rows.

        Returns:
            At least one with a gain.
        """

    @abstractmethod
    def subject(self, columns: ColumnOptions, metrics: Metrics) -> str:
        """Say what is predicted."""

    @abstractmethod
    def headline(self, test: Any) -> str:
        """Name the figure that says most, with its value."""

    @abstractmethod
    def figure_columns(self, test: Any) -> Columns:
        """Return the columns of figures in a table of models.

        Args:
            test: Figures of one of them.
        """

    def weighted_columns(self, test: Any) -> Columns:
        """Return those of figure_columns that are also given by weight."""
        return self.figure_columns(test)

    @abstractmethod
    def row_columns(self, columns: ColumnOptions) -> Columns:
        """Return the columns that say what the rows of figures or subgroups are like."""

    @abstractmethod
    def subgroup_columns(self) -> Columns:
        """Return the columns of figures in a table of subgroups."""

    @abstractmethod
    def is_weak(self, subgroup: Any, test: Any) -> bool:
        """Tell whether a subgroup's figures are clearly worse than those of all test rows."""

    @abstractmethod
    def draw_roc(self, predictions: DataFrame, classes: Sequence[str], points: int) -> Figure:
        """Draw ROC curves of the test rows.

        Args:
            predictions: Predictions by `model`, the network among them.
            classes: In label-index order.
            points: Number of points of each curve.

        Returns:
            Empty where there are none.
        """

    @abstractmethod
    def draw_calibration(
        self, predictions: DataFrame, metrics: Metrics
    ) -> tuple[Figure, Figure, Figure]:
        """Draw how predictions and what happened go together.

        Args:
            predictions: The network's predictions of the test rows.
            metrics: Have its figures.

        Returns:
            Calibration, residuals, error by decile of the prediction; empty where there are none.
        """

    @abstractmethod
    def draw_confusion(self, figures: Any, rows: str, columns: ColumnOptions) -> Figure:
        """Draw a confusion matrix.

        Args:
            figures: Of some rows.
            rows: Which they are.
            columns: Names the label.

        Returns:
            Empty where there is none.
        """
