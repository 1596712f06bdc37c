"""The interface of how the predictions of a task are measured."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.figures import AnyWeightedFigures, PredictionIntervals
from bank_spark_dl.ml.evaluation.metrics import ALL
from bank_spark_dl.ml.evaluation.permutation_importance import Groups
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans


class Evaluation(ABC):
    """How predictions of a task are measured.

    Figures, comparisons, importance and subgroups are of the task's own types, see
    ml.evaluation.figures and ml.evaluation.results.

    Attributes:
        fold_means: Which figures are averaged over folds.
    """

    fold_means: ClassVar[type[AnyFoldMeans]]

    def evaluate(self, predictions: DataFrame) -> Any:
        """Measure one set of predictions, see evaluate_each."""
        return self.evaluate_each(predictions.withColumn(ALL, F.lit(0)), ALL)[0,]

    @abstractmethod
    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], Any]:
        """Measure several sets of predictions.

        Args:
            predictions: A prediction dataset's columns.
            *by: Columns whose values tell the sets apart.
            together: Whether all sets together stand for the population.
        """

    @abstractmethod
    def weighted(self, predictions: DataFrame) -> AnyWeightedFigures:
        """Measure predictions whose rows count by their `weight`; see ml.evaluation.weighted."""

    @abstractmethod
    def compare(
        self, ours: DataFrame, theirs: DataFrame, by: str, measured: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Compare a model with others on the same rows.

        Args:
            ours: Predictions of one model.
            theirs: Predictions of other models.
            by: The column that tells these models apart.
            measured: Figures of the others by name, and of the one as `network`.
        """

    def intervals(
        self, train_predictions: DataFrame, train_features: DataFrame, test_predictions: DataFrame
    ) -> PredictionIntervals | None:
        """Compute prediction intervals of numbers, see ml.evaluation.conformal."""
        return None

    @abstractmethod
    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[Any, ...]:
        """Measure permutation importance, the greatest loss first; see permutation_importance."""

    @abstractmethod
    def subgroup(self, column: str, value: str, figures: Any) -> Any:
        """Return what is told of a subgroup with these figures."""
