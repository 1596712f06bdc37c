"""Predict out of fold, and compare the models."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import odds_factor
from bank_spark_dl.ml.evaluation.figures import AnyFigures
from bank_spark_dl.ml.evaluation.results import CrossValidation
from bank_spark_dl.ml.features.vectors import embedded_sizes, vector_size
from bank_spark_dl.ml.models.baselines import baseline_features, fit_baseline
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.models.train_test import train_test_vectors
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    BaselineOptions,
    CrossValidationOptions,
    DataOptions,
    DecisionOptions,
    ElephasOptions,
    FeatureOptions,
    ModelOptions,
)
from bank_spark_dl.pipelines.cross_validation.folds import DEALT
from bank_spark_dl.pipelines.cross_validation.ordered_folds import deal_rows, trains
from bank_spark_dl.pipelines.cross_validation.summary import mean_differences, mean_figures
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named

logger = logging.getLogger(__name__)

NETWORK = "network"


def predict_out_of_fold(
    rows: DataFrame,
    data: DataOptions,
    features: FeatureOptions,
    model: ModelOptions,
    elephas: ElephasOptions,
    baselines: BaselineOptions,
    decision: DecisionOptions | None,
    options: CrossValidationOptions,
    seed: int,
) -> Iterator[tuple[DataFrame, Target]]:
    """Predict each row by models that were fitted, feature stages and all, on the other folds.

    Where the split is by time, they were fitted on all older rows, and the oldest rows are not
    predicted.

    Args:
        rows: Clean rows.
        data: How to split, columns, the label's positive class and the prior.
        features: Settings of the feature stages.
        model: Layers of the network.
        elephas: How it is trained.
        baselines: Settings of the models it is compared with.
        decision: What calls cost and bring, for the threshold `optimal`.
        options: Number of folds and their seed.
        seed: Of all trainings.

    Yields:
        Once: `fold` (int), `model` (name) and the columns of a prediction dataset, each predicted
        row once for each model; and what is predicted. What these are computed from is persisted
        until the generator goes on.
    """
    predicted = []
    with ExitStack() as all_folds:
        dealt = all_folds.enter_context(persisted(deal_rows(rows, data, options)))
        for fold in range(options.folds):
            logger.info("Fold %d of %d", fold + 1, options.folds)
            split = elephas.validation_split
            outside, inside, target = fold_features(dealt, fold, data, features, split, seed)
            task = task_named(target.task)
            test = all_folds.enter_context(persisted(inside))
            with persisted(outside) as train:
                inputs, embedded = vector_size(train), embedded_sizes(train)
                network = build_network(inputs, model, embedded, target.outputs)
                by_rows = row_arguments(train, target, elephas)
                trained = task.estimator(network, elephas, data.prior, seed, by_rows).fit(train)
                known = baseline_features(train)
                models = {
                    **task.baselines(baselines, seed),
                    **task.boosting(baselines.gradient_boosting, seed),
                }
                others = {name: fit_baseline(each, known) for name, each in models.items()}
                odds = odds_factor(train, data.prior)
            ours = task.with_threshold(trained, elephas.threshold, decision, data.prior)
            _, threshold = task.thresholds(ours, elephas.threshold)
            found = {NETWORK: task.predictions(ours.transform(test))}
            held_out = baseline_features(test)
            for name, other in others.items():
                found[name] = task.predictions(other.transform(held_out), threshold, odds)
            predicted += [
                each.select(F.lit(fold).alias("fold"), F.lit(name).alias("model"), "*")
                for name, each in found.items()
            ]
        yield reduce(DataFrame.unionByName, predicted), target


def compare_models(
    cv_predictions: DataFrame,
    cv_target: Target,
    options: CrossValidationOptions,
    prior: float | None,
) -> CrossValidation:
    """Measure each model on each fold, and the network against each other model.

    Args:
        cv_predictions: The predictions of predict_out_of_fold.
        cv_target: What they predict.
        options: Number of folds and their seed.
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """
    figures: dict[str, list[AnyFigures]] = {}
    evaluation = task_named(cv_target.task).evaluation(cv_target, prior)
    means = evaluation.fold_means
    for (name, _), found in evaluation.evaluate_each(cv_predictions, "model", "fold").items():
        figures.setdefault(name, []).append(found)
    return CrossValidation(
        folds=options.folds,
        seed=options.seed,
        models={name: mean_figures(folds, means) for name, folds in figures.items()},
        network_minus={
            name: mean_differences(figures[NETWORK], folds, means)
            for name, folds in figures.items()
            if name != NETWORK
        },
    )


def fold_features(
    dealt: DataFrame,
    fold: int,
    data: DataOptions,
    features: FeatureOptions,
    validation_split: float,
    seed: int,
) -> tuple[DataFrame, DataFrame, Target]:
    """Fit the feature stages on a fold's training rows, and apply them to these and the fold.

    Args:
        dealt: The answer of deal_rows.
        fold: Number of the fold.
        data: How the rows are split, and their columns.
        features: Settings of the feature stages.
        validation_split: Fraction of the training rows that validate.
        seed: Of the choice of these rows.
    """
    train, test = (
        dealt.where(inside).drop(DEALT) for inside in (trains(fold, data), F.col(DEALT) == fold)
    )
    names = (f"The training rows of fold {fold}", f"The rows of fold {fold}")
    return train_test_vectors(train, test, data, features, validation_split, seed, names)
