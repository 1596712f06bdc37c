"""Predict out of fold, and compare the models."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.ml.class_prior import odds_factor
from bank_spark_dl.ml.evaluation.metrics import evaluate_each
from bank_spark_dl.ml.evaluation.results import CrossValidation, Figures
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.vectors import make_vectors, vector_size
from bank_spark_dl.ml.models.baselines import (
    baseline_estimators,
    gradient_boosting,
    prediction_columns,
)
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.training import baseline_threshold, elephas_classifier, with_threshold
from bank_spark_dl.parameters import (
    BaselineOptions,
    CrossValidationOptions,
    DataOptions,
    DecisionOptions,
    ElephasOptions,
    FeatureOptions,
    ModelOptions,
)
from bank_spark_dl.pipelines.cross_validation.folds import DEALT, add_fold
from bank_spark_dl.pipelines.cross_validation.summary import mean_differences, mean_figures
from bank_spark_dl.spark.caching import persisted

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
) -> Iterator[DataFrame]:
    """Predict each row by models that were fitted, feature stages and all, on the other folds.

    Args:
        rows: Clean rows.
        data: Columns, the label's positive class and the prior.
        features: Settings of the feature stages.
        model: Layers of the network.
        elephas: How it is trained.
        baselines: Settings of the models it is compared with.
        decision: What calls cost and bring, for the threshold `optimal`.
        options: Number of folds and their seed.
        seed: Of all trainings.

    Yields:
        Once: `fold` (int), `model` (name), `row_id`, `label_index`, `probability` of the positive
        class and `prediction`: each row once for each model. What these are computed from is
        persisted until the generator goes on.
    """
    baseline_models = {
        **baseline_estimators(baselines, seed),
        "gradient_boosting": gradient_boosting(baselines.gradient_boosting, seed),
    }
    predicted = []
    with ExitStack() as all_folds:
        folds = add_fold(rows, data.columns.label, options.folds, seed=options.seed)
        dealt = all_folds.enter_context(persisted(folds))
        for fold in range(options.folds):
            logger.info("Fold %d of %d", fold + 1, options.folds)
            outside, inside = fold_features(dealt, fold, data, features)
            test = all_folds.enter_context(persisted(inside))
            with persisted(outside) as train:
                network = build_network(vector_size(train), model)
                trained = elephas_classifier(network, elephas, data.prior, seed).fit(train)
                others = {name: each.fit(train) for name, each in baseline_models.items()}
                odds = odds_factor(train, data.prior)
            ours = with_threshold(trained, elephas.threshold, decision, data.prior)
            threshold = baseline_threshold(elephas.threshold)
            found = {NETWORK: prediction_columns(ours.transform(test))}
            for name, other in others.items():
                found[name] = prediction_columns(other.transform(test), threshold, odds)
            predicted += [
                each.select(F.lit(fold).alias("fold"), F.lit(name).alias("model"), "*")
                for name, each in found.items()
            ]
        yield reduce(DataFrame.unionByName, predicted)


def compare_models(
    cv_predictions: DataFrame, options: CrossValidationOptions, prior: float | None
) -> CrossValidation:
    """Measure each model on each fold, and the network against each other model.

    Args:
        cv_predictions: The answer of predict_out_of_fold.
        options: Number of folds and their seed.
        prior: Share of positives in the population that the rows stand for; None: theirs.
    """
    figures: dict[str, list[Figures]] = {}
    measured = evaluate_each(cv_predictions, "model", "fold", prior=prior)
    for (name, _), found in measured.items():
        figures.setdefault(name, []).append(found)
    return CrossValidation(
        folds=options.folds,
        seed=options.seed,
        models={name: mean_figures(folds) for name, folds in figures.items()},
        network_minus={
            name: mean_differences(figures[NETWORK], folds)
            for name, folds in figures.items()
            if name != NETWORK
        },
    )


def fold_features(
    dealt: DataFrame, fold: int, data: DataOptions, features: FeatureOptions
) -> tuple[DataFrame, DataFrame]:
    """Fit the feature stages outside a fold, and apply them outside and inside."""
    train, test = (
        dealt.where(inside).drop(DEALT) for inside in (F.col(DEALT) != fold, F.col(DEALT) == fold)
    )
    inputs, _, stages = fit_feature_model(train, data, features)
    source = f"The rows of fold {fold}"
    check_new_rows(test, stages, features, source, inputs)
    fitted = make_vectors(train, stages, f"The rows outside fold {fold}", fitted=True)
    return fitted, make_vectors(test, stages, source)
