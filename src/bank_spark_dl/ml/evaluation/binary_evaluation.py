"""How the predictions of two classes are measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.comparison import compare
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.figures import Comparison, Figures, WeightedClassFigures
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import evaluate_each, is_right, row_loss
from bank_spark_dl.ml.evaluation.paired import mean_difference
from bank_spark_dl.ml.evaluation.permutation_importance import (
    Groups,
    Lost,
    permutation_importance,
)
from bank_spark_dl.ml.evaluation.results import ColumnImportance, FoldMeans, Subgroup
from bank_spark_dl.ml.evaluation.weighted import weighted_binary


@dataclass(frozen=True)
class BinaryEvaluation(Evaluation):
    """Of two classes.

    Attributes:
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """

    prior: float | None
    fold_means = FoldMeans

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], Figures]:
        """See ml.evaluation."""
        return evaluate_each(predictions, *by, prior=self.prior, together=together)

    def weighted(self, predictions: DataFrame) -> WeightedClassFigures:
        """See ml.evaluation.weighted."""
        return weighted_binary(predictions)

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

        figures = {"log_loss": row_loss(), "accuracy": -is_right().cast("double")}
        lost = permutation_importance(rows, score, groups, repeats, seed, figures, by_class=True)
        return class_importance(lost, self.prior)

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


def class_importance(lost: list[Lost], prior: float | None) -> tuple[ColumnImportance, ...]:
    """Turn lost log loss and accuracy into importance, the greatest loss first."""
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
