"""Simpler models on the same features, to compare the network with."""

from typing import Any

from pyspark.ml import Estimator
from pyspark.ml.classification import (
    DecisionTreeClassifier,
    GBTClassifier,
    LogisticRegression,
)
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import with_odds
from bank_spark_dl.ml.column_names import LABEL_INDEX, ROW_ID
from bank_spark_dl.parameters import BaselineOptions, GradientBoostingOptions

LOGISTIC = "logistic_regression"

PREDICTED = (LABEL_INDEX, "probability", "prediction")
"""What a prediction dataset holds beside the row's id, doubles."""


def baseline_estimators(options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
    """Return the baselines by name.

    Args:
        options: Their settings.
        seed: For the models that draw.
    """
    tree, logistic = options.decision_tree, options.logistic_regression
    return {
        "decision_tree": DecisionTreeClassifier(
            labelCol=LABEL_INDEX,
            maxDepth=tree.max_depth,
            maxBins=tree.max_bins,
            minInstancesPerNode=tree.min_instances_per_node,
            seed=seed,
        ),
        LOGISTIC: LogisticRegression(
            labelCol=LABEL_INDEX,
            maxIter=logistic.max_iter,
            regParam=logistic.reg_param,
            elasticNetParam=logistic.elastic_net_param,
        ),
    }


def gradient_boosting(options: GradientBoostingOptions, seed: int) -> Estimator[Any]:
    """Return the strongest baseline, which takes far longer to train than the others.

    Args:
        options: Its settings.
        seed: For what it draws.
    """
    return GBTClassifier(
        labelCol=LABEL_INDEX,
        maxIter=options.max_iter,
        maxDepth=options.max_depth,
        stepSize=options.step_size,
        seed=seed,
    )


def prediction_columns(
    predicted: DataFrame, threshold: float | None = None, odds: float = 1.0
) -> DataFrame:
    """Keep what a prediction dataset holds.

    Args:
        predicted: A frame with the columns of a Spark ML classifier.
        threshold: Predict the positive class above this probability; None keeps the classifier's
            own predictions.
        odds: What the classifier's odds are multiplied by, see ml.class_prior.odds_factor.

    Returns:
        `row_id`, `label_index` (double), `probability` of the positive class (double, [0, 1]) and
        `prediction` (double, 0.0 or 1.0).
    """
    probability = with_odds(vector_to_array(F.col("probability"))[1], odds)
    prediction = F.col("prediction") if threshold is None else probability > threshold
    return predicted.select(
        ROW_ID,
        LABEL_INDEX,
        probability.alias("probability"),
        prediction.cast("double").alias("prediction"),
    )
