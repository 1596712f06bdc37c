"""How predictions are measured, by task: two classes, many classes or numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation import metrics, multiclass, regression
from bank_spark_dl.ml.evaluation.comparison import (
    compare,
    compare_multiclass,
    compare_regression,
)
from bank_spark_dl.ml.evaluation.figures import (
    Comparison,
    Figures,
    MulticlassFigures,
    RegressionComparison,
    RegressionFigures,
)
from bank_spark_dl.ml.evaluation.intervals import (
    Interval,
    Sample,
    rows_interval,
    share_interval,
)
from bank_spark_dl.ml.evaluation.paired import mean_difference
from bank_spark_dl.ml.evaluation.permutation_importance import (
    Groups,
    Lost,
    permutation_importance,
)
from bank_spark_dl.ml.evaluation.results import (
    AnyFoldMeans,
    ColumnImportance,
    FoldMeans,
    MulticlassSubgroup,
    RegressionFoldMeans,
    RegressionImportance,
    RegressionSubgroup,
    Subgroup,
)


class Evaluation(Protocol):
    """How predictions of a task are measured.

    Figures, comparisons, importance and subgroups are of the task's own types, see
    ml.evaluation.figures and ml.evaluation.results.
    """

    @property
    def fold_means(self) -> type[AnyFoldMeans]:
        """Which figures are averaged over folds."""

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], Any]:
        """Measure several sets of predictions.

        Args:
            predictions: A prediction dataset's columns.
            *by: Columns whose values tell the sets apart.
            together: Whether all sets together stand for the population.
        """

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

    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[Any, ...]:
        """Measure permutation importance, the greatest loss first; see permutation_importance."""

    def subgroup(self, column: str, value: str, figures: Any) -> Any:
        """Return what is told of a subgroup with these figures."""


@dataclass(frozen=True)
class BinaryEvaluation:
    """Of two classes.

    Attributes:
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """

    prior: float | None
    fold_means = FoldMeans

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], Figures]:
        """See ml.evaluation.metrics."""
        return metrics.evaluate_each(predictions, *by, prior=self.prior, together=together)

    def compare(
        self, ours: DataFrame, theirs: DataFrame, by: str, measured: Mapping[str, Figures]
    ) -> dict[str, Comparison]:
        """Compare; areas differ by what they exactly are."""
        network = measured["network"].auc
        return {
            name: replace(found, auc=found.auc and found.auc.moved_to(network - measured[name].auc))
            for name, found in compare(ours, theirs, by, self.prior).items()
        }

    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[ColumnImportance, ...]:
        """Lose log loss and accuracy."""

        def score(copies: DataFrame) -> DataFrame:
            positive = vector_to_array(F.col("probability"))[1]
            return model.transform(copies).withColumn("probability", positive)

        figures = {"log_loss": metrics.row_loss(), "accuracy": -metrics.is_right().cast("double")}
        lost = permutation_importance(rows, score, groups, repeats, seed, figures, by_class=True)
        return _class_importance(lost, self.prior)

    def subgroup(self, column: str, value: str, figures: Figures) -> Subgroup:
        """Return share of positives, accuracy, log loss and AUC."""
        matrix = figures.confusion_matrix
        return Subgroup(
            column=column,
            value=value,
            rows=figures.rows,
            positives=figures.positives,
            accuracy=share_interval(matrix[0][0] + matrix[1][1], figures.rows),
            log_loss=figures.log_loss,
            auc=figures.auc if all(map(sum, matrix)) else None,
        )


@dataclass(frozen=True)
class MulticlassEvaluation:
    """Of more than two classes.

    Attributes:
        classes: Their names in label-index order.
    """

    classes: tuple[str, ...]
    fold_means = FoldMeans

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], MulticlassFigures]:
        """See ml.evaluation.multiclass."""
        return multiclass.evaluate_each(predictions, *by, classes=self.classes)

    def compare(
        self, ours: DataFrame, theirs: DataFrame, by: str, measured: Mapping[str, Any]
    ) -> dict[str, Comparison]:
        """Compare log loss and accuracy."""
        return compare_multiclass(ours, theirs, by)

    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[ColumnImportance, ...]:
        """Lose log loss and accuracy."""

        def score(copies: DataFrame) -> DataFrame:
            every = vector_to_array(F.col("probability"))
            return model.transform(copies).withColumn("probability", every)

        loss = metrics.loss_of(multiclass.true_probability())
        figures = {"log_loss": loss, "accuracy": -metrics.is_right().cast("double")}
        return _class_importance(
            permutation_importance(rows, score, groups, repeats, seed, figures), None
        )

    def subgroup(self, column: str, value: str, figures: MulticlassFigures) -> MulticlassSubgroup:
        """Return accuracy, log loss and AUC."""
        has_areas = any(each.auc is not None for each in figures.classes)
        return MulticlassSubgroup(
            column=column,
            value=value,
            rows=figures.rows,
            accuracy=share_interval(round(figures.accuracy * figures.rows), figures.rows),
            log_loss=figures.log_loss,
            auc=figures.auc if has_areas else None,
        )


@dataclass(frozen=True)
class RegressionEvaluation:
    """Of numbers."""

    fold_means = RegressionFoldMeans

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], RegressionFigures]:
        """See ml.evaluation.regression."""
        return regression.evaluate_each(predictions, *by)

    def compare(
        self, ours: DataFrame, theirs: DataFrame, by: str, measured: Mapping[str, Any]
    ) -> dict[str, RegressionComparison]:
        """Compare RMSE and mean absolute error."""
        return compare_regression(ours, theirs, by)

    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[RegressionImportance, ...]:
        """Lose RMSE: the interval is that of the mean squared error."""
        figures = {"square": regression.squared_error()}
        lost = permutation_importance(rows, model.transform, groups, repeats, seed, figures)
        found = [
            RegressionImportance(", ".join(each.columns), each.columns, _added_rmse(each))
            for each in lost
        ]
        return tuple(sorted(found, key=lambda each: -each.rmse.mean))

    def subgroup(self, column: str, value: str, figures: RegressionFigures) -> RegressionSubgroup:
        """Return mean, mean absolute error and RMSE."""
        variance = max(figures.rmse**2 - figures.mae**2, 0.0)  # of the absolute errors
        deviation = math.sqrt(variance * figures.rows / max(figures.rows - 1, 1))
        return RegressionSubgroup(
            column=column,
            value=value,
            rows=figures.rows,
            mean=figures.mean,
            mae=rows_interval(Sample(figures.mae, deviation, figures.rows)),
            rmse=figures.rmse,
        )


def evaluation_of(task: str, classes: tuple[str, ...], prior: float | None) -> Evaluation:
    """Return how predictions of a task are measured.

    Args:
        task: binary, multiclass or regression.
        classes: Names of the classes in label-index order.
        prior: See BinaryEvaluation.
    """
    evaluations: dict[str, Evaluation] = {
        "binary": BinaryEvaluation(prior),
        "multiclass": MulticlassEvaluation(classes),
        "regression": RegressionEvaluation(),
    }
    return evaluations[task]


def _class_importance(lost: list[Lost], prior: float | None) -> tuple[ColumnImportance, ...]:
    found = [
        ColumnImportance(
            column=", ".join(each.columns),
            columns=each.columns,
            log_loss=mean_difference(each.by_class, "log_loss", prior),
            accuracy=mean_difference(each.by_class, "accuracy"),
        )
        for each in lost
    ]
    return tuple(sorted(found, key=lambda each: -each.log_loss.mean))


def _added_rmse(lost: Lost) -> Interval:
    before = lost.before["square"]
    added = mean_difference(lost.by_class, "square")
    ends = (added.mean, added.low, added.high)
    return Interval(*(math.sqrt(max(before + end, 0.0)) - math.sqrt(before) for end in ends))
