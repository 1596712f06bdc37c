"""How the predictions of more than two classes are measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.evaluation.binary_evaluation import class_importance
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.figures import (
    Comparison,
    MulticlassFigures,
    WeightedClassFigures,
)
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.metrics import is_right, loss_of
from bank_spark_dl.ml.evaluation.multiclass import evaluate_each, true_probability
from bank_spark_dl.ml.evaluation.permutation_importance import Groups, permutation_importance
from bank_spark_dl.ml.evaluation.results import ColumnImportance, FoldMeans, MulticlassSubgroup
from bank_spark_dl.ml.evaluation.row_comparison import compare_multiclass
from bank_spark_dl.ml.evaluation.weighted import weighted_classes


@dataclass(frozen=True)
class MulticlassEvaluation(Evaluation):
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
        return evaluate_each(predictions, *by, classes=self.classes)

    def weighted(self, predictions: DataFrame) -> WeightedClassFigures:
        """See ml.evaluation.weighted."""
        return weighted_classes(predictions, F.col("probability"))

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

        loss = loss_of(true_probability())
        figures = {"log_loss": loss, "accuracy": -is_right().cast("double")}
        return class_importance(
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
