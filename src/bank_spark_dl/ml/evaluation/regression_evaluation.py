"""How the predictions of numbers are measured."""

import math
from collections.abc import Mapping
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.conformal import prediction_intervals
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.evaluation.figures import (
    PredictionIntervals,
    RegressionComparison,
    RegressionFigures,
    WeightedRegressionFigures,
)
from bank_spark_dl.ml.evaluation.intervals import Interval, Sample, rows_interval
from bank_spark_dl.ml.evaluation.paired import mean_difference
from bank_spark_dl.ml.evaluation.permutation_importance import (
    Groups,
    Lost,
    permutation_importance,
)
from bank_spark_dl.ml.evaluation.regression import evaluate_each, squared_error
from bank_spark_dl.ml.evaluation.results import (
    RegressionFoldMeans,
    RegressionImportance,
    RegressionSubgroup,
)
from bank_spark_dl.ml.evaluation.row_comparison import compare_regression
from bank_spark_dl.ml.evaluation.weighted import weighted_numbers


class RegressionEvaluation(Evaluation):
    """Of numbers."""

    fold_means = RegressionFoldMeans

    def evaluate_each(
        self, predictions: DataFrame, *by: str, together: bool = False
    ) -> dict[tuple[Any, ...], RegressionFigures]:
        """See ml.evaluation.regression."""
        return evaluate_each(predictions, *by)

    def weighted(self, predictions: DataFrame) -> WeightedRegressionFigures:
        """See ml.evaluation.weighted."""
        return weighted_numbers(predictions)

    def compare(
        self, ours: DataFrame, theirs: DataFrame, by: str, measured: Mapping[str, Any]
    ) -> dict[str, RegressionComparison]:
        """Compare RMSE and mean absolute error."""
        return compare_regression(ours, theirs, by)

    def intervals(
        self, train_predictions: DataFrame, train_features: DataFrame, test_predictions: DataFrame
    ) -> PredictionIntervals | None:
        """See ml.evaluation.conformal."""
        return prediction_intervals(train_predictions, train_features, test_predictions)

    def importance(
        self, rows: DataFrame, model: PipelineModel, groups: Groups, repeats: int, seed: int
    ) -> tuple[RegressionImportance, ...]:
        """Lose RMSE: the interval is that of the mean squared error."""
        figures = {"square": squared_error()}
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


def _added_rmse(lost: Lost) -> Interval:
    before = lost.before["square"]
    added = mean_difference(lost.by_class, "square")
    ends = (added.mean, added.low, added.high)
    return Interval(*(math.sqrt(max(before + end, 0.0)) - math.sqrt(before) for end in ends))
