"""Prediction intervals of numbers: split conformal prediction.

An interval reaches as far to both sides of a prediction as most validation rows are off. If these
are exchangeable with new rows, and the network has not seen them, it holds the true value of a new
row with at least the probability that it states (Vovk et al., 2005; Lei et al., 2018). Early
stopping sees the validation rows, so the coverage of the test rows is measured too.
"""

import math
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.column_names import ROW_ID, VALIDATION
from bank_spark_dl.ml.evaluation.figures import PredictionIntervals
from bank_spark_dl.ml.evaluation.intervals import share_interval
from bank_spark_dl.ml.evaluation.regression import ACCURACY, absolute_error
from bank_spark_dl.spark.adaptive_execution import one_job_per_action

LEVEL: Final = 0.9


def prediction_intervals(
    train_predictions: DataFrame, train_features: DataFrame, test_predictions: DataFrame
) -> PredictionIntervals | None:
    """Compute prediction intervals and their coverage, in three Spark jobs.

    Args:
        train_predictions: Of all train rows, validation rows among them.
        train_features: Mark the validation rows.
        test_predictions: Of the test rows.

    Returns:
        None where no rows are marked, or too few for the level.
    """
    if VALIDATION not in train_features.columns:
        return None
    marked = train_features.where(VALIDATION).select(ROW_ID)
    validated = train_predictions.join(marked, ROW_ID).select(absolute_error().alias("error"))
    with one_job_per_action(train_predictions.sparkSession):
        rows = validated.count()
        place = math.ceil((rows + 1) * LEVEL)  # of the smallest errors, from 1
        if place > rows:
            return None
        quantile = F.percentile_approx("error", place / rows, ACCURACY)
        reach = validated.agg(quantile).collect()[0][0]
        inside = (absolute_error() <= reach).cast("int")
        hits, tested = test_predictions.agg(F.sum(inside), F.count(F.lit(1))).collect()[0]
    return PredictionIntervals(LEVEL, reach, rows, share_interval(hits, tested))
