"""Predict out of fold, and compare the models."""

import logging
from collections.abc import Iterator
from functools import partial, reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl import distributed
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.evaluation.figures import AnyFigures
from bank_spark_dl.ml.evaluation.results import CrossValidation
from bank_spark_dl.ml.features.label import check_label
from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.ml.splits.ordered_folds import deal_rows
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
from bank_spark_dl.pipelines.cross_validation.summary import mean_differences, mean_figures
from bank_spark_dl.pipelines.cross_validation.verdict import fold_verdict
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named
from bank_spark_dl.tasks.trainings import NetworkTraining, baseline_training, network_for

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
    predicted. Folds and models are trained side by side.

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
    with persisted(deal_rows(rows, data, options)) as dealt:
        target = check_label(dealt, carried_name(data.columns.label), data, "The rows")
        task, prior = task_named(target.task), data.prior
        kept = elephas.checkpoint_dir and f"{elephas.checkpoint_dir}/cross_validation"
        design = partial(network_for, model, target)
        network = NetworkTraining(task, target, design, elephas, decision, prior, seed, kept)
        others = {
            **task.baselines(baselines, seed),
            **task.boosting(baselines.gradient_boosting, seed),
        }
        names, trainings = [], []
        for fold in range(options.folds):
            split = FoldFeatures(fold, data, features, elephas.validation_split, seed)
            names += [(fold, name) for name in (NETWORK, *others)]
            trainings += [
                network.of(split),
                *(
                    baseline_training(task, other, elephas.threshold, prior, split)
                    for other in others.values()
                ),
            ]
        logger.info("Training %d models on %d folds", 1 + len(others), options.folds)
        results = distributed.train_many(dealt, trainings, progress="rich")
    predicted = [
        result.predictions.select(F.lit(fold).alias("fold"), F.lit(name).alias("model"), "*")
        for (fold, name), result in zip(names, results, strict=True)
    ]
    try:
        yield reduce(DataFrame.unionByName, predicted), target
    finally:
        for result in results:
            result.unpersist()


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
    network_minus = {
        name: mean_differences(figures[NETWORK], folds, means)
        for name, folds in figures.items()
        if name != NETWORK
    }
    return CrossValidation(
        folds=options.folds,
        seed=options.seed,
        models={name: mean_figures(folds, means) for name, folds in figures.items()},
        network_minus=network_minus,
        verdict=fold_verdict(network_minus, options.folds),
    )
