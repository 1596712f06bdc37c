"""Simpler models on the same features, to compare the network with."""

from typing import Any, Final

from pyspark.ml import Estimator
from pyspark.ml.classification import DecisionTreeClassifier, GBTClassifier
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.regression import DecisionTreeRegressor, GBTRegressor, LinearRegression
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import with_odds
from bank_spark_dl.ml.column_names import FEATURES, LABEL_INDEX, ROW_ID, WEIGHT
from bank_spark_dl.ml.features.vectors import embedded_sizes, vector_size
from bank_spark_dl.ml.models.logistic_regression import LocalLogisticRegression
from bank_spark_dl.parameters import BaselineOptions, GradientBoostingOptions

TREE: Final = "decision_tree"
LOGISTIC: Final = "logistic_regression"
LINEAR: Final = "linear_regression"
BOOSTING: Final = "gradient_boosting"
MOST_CATEGORIES: Final = 100
"""Categories of a column that get an input where the network has an Embedding."""
_SPARSE: Final = "__sparse"


def baseline_features(rows: DataFrame) -> DataFrame:
    """One-hot encode indices, which trees and linear models would take for amounts.

    Only the most frequent categories of a column get an input: trees need memory for each input
    and row.

    Args:
        rows: Feature vectors from make_vectors; without indices they are returned as they are.
    """
    embedded = embedded_sizes(rows)
    if not embedded:
        return rows
    values = vector_to_array(F.col(FEATURES))
    encoded = [_one_hot(values[place], size - 1) for place, size in enumerate(embedded)]
    others = F.slice(values, len(embedded) + 1, max(vector_size(rows) - len(embedded), 0))
    dense = rows.withColumn(FEATURES, array_to_vector(F.concat(*encoded, others)))
    sparse = VectorAssembler(inputCols=[FEATURES], outputCol=_SPARSE).transform(dense)
    return sparse.drop(FEATURES).withColumnRenamed(_SPARSE, FEATURES)


def _one_hot(index: Column, categories: int) -> Column:
    numbers = F.sequence(F.lit(1), F.lit(min(categories, MOST_CATEGORIES)))
    return F.transform(numbers, lambda number: (index == number).cast("double"))


def baseline_estimators(options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
    """Return the baselines by name.

    Args:
        options: Their settings.
        seed: For the models that draw.
    """
    logistic = options.logistic_regression
    return {
        TREE: DecisionTreeClassifier(**_tree(options, seed)),
        LOGISTIC: LocalLogisticRegression(
            labelCol=LABEL_INDEX,
            maxIter=logistic.max_iter,
            regParam=logistic.reg_param,
            elasticNetParam=logistic.elastic_net_param,
        ),
    }


def regression_estimators(options: BaselineOptions, seed: int) -> dict[str, Estimator[Any]]:
    """Return the baselines of a number by name; see baseline_estimators."""
    linear = options.linear_regression
    return {
        TREE: DecisionTreeRegressor(**_tree(options, seed)),
        LINEAR: LinearRegression(
            labelCol=LABEL_INDEX,
            regParam=linear.reg_param,
            elasticNetParam=linear.elastic_net_param,
        ),
    }


def _tree(options: BaselineOptions, seed: int) -> dict[str, Any]:
    """Return the arguments of a decision tree, of classes or of numbers."""
    tree = options.decision_tree
    return {
        "labelCol": LABEL_INDEX,
        "maxDepth": tree.max_depth,
        "maxBins": tree.max_bins,
        "minInstancesPerNode": tree.min_instances_per_node,
        "seed": seed,
    }


def class_shares() -> dict[str, Estimator[Any]]:
    """Return the floor of all classifiers: each class's share of the train rows, for every row."""
    return {"class_shares": DecisionTreeClassifier(labelCol=LABEL_INDEX, maxDepth=0)}


def mean() -> dict[str, Estimator[Any]]:
    """Return the floor of all models of numbers: the mean of the train rows, for every row."""
    return {"mean": DecisionTreeRegressor(labelCol=LABEL_INDEX, maxDepth=0)}


def gradient_boosting(
    options: GradientBoostingOptions, seed: int, *, numbers: bool = False
) -> Estimator[Any]:
    """Return the strongest baseline, which takes far longer to train than the others.

    Args:
        options: Its settings.
        seed: For what it draws.
        numbers: Whether it predicts a number, not one of two classes.
    """
    return (GBTRegressor if numbers else GBTClassifier)(
        labelCol=LABEL_INDEX,
        maxIter=options.max_iter,
        maxDepth=options.max_depth,
        stepSize=options.step_size,
        seed=seed,
    )


def fit_baseline(estimator: Estimator[Any], train: DataFrame) -> Any:
    """Fit a baseline, by weights if the rows have some."""
    mine: Any = estimator.copy()  # threads may fit the same one
    if WEIGHT in train.columns:
        mine._set(weightCol=WEIGHT)
    return mine.fit(train)


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
        *_weight(predicted),
    )


def class_predictions(predicted: DataFrame) -> DataFrame:
    """Keep what a prediction dataset of more than two classes holds.

    Args:
        predicted: A frame with the columns of a Spark ML classifier.

    Returns:
        `row_id`, `label_index` (double), `probability` of each class (array of doubles) and
        `prediction`, the index of a class (double).
    """
    probability = vector_to_array(F.col("probability")).alias("probability")
    return predicted.select(ROW_ID, LABEL_INDEX, probability, "prediction", *_weight(predicted))


def number_predictions(predicted: DataFrame) -> DataFrame:
    """Keep what a prediction dataset of numbers holds: `row_id`, `label_index`, `prediction`."""
    return predicted.select(ROW_ID, LABEL_INDEX, "prediction", *_weight(predicted))


def _weight(predicted: DataFrame) -> list[str]:
    """Return the name of the rows' weights, if they have some."""
    return [WEIGHT] if WEIGHT in predicted.columns else []
