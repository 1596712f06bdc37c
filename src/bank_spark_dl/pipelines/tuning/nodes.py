"""Search for better settings, and compare the best ones with those of the start."""

import logging
from dataclasses import fields
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.messages.quiet import only_warnings
from bank_spark_dl.messages.terminal import print_block
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.parameters import (
    CrossValidationOptions,
    DataOptions,
    DecisionOptions,
    ElephasOptions,
    FeatureOptions,
    ModelOptions,
    TuningOptions,
)
from bank_spark_dl.parameters.fields import Section
from bank_spark_dl.parameters.tuning import OBJECTIVES
from bank_spark_dl.pipelines.tuning.comparison import summarize_search, train_again
from bank_spark_dl.pipelines.tuning.finished_folds import open_folds
from bank_spark_dl.pipelines.tuning.fold_training import FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import search_progress
from bank_spark_dl.pipelines.tuning.results import Tuning, TuningTrials, best_trial
from bank_spark_dl.pipelines.tuning.search import Search, planned_epochs
from bank_spark_dl.pipelines.tuning.settings import Settings, check_space, rung_epochs
from bank_spark_dl.pipelines.tuning.study import check_sampler
from bank_spark_dl.pipelines.tuning.verdict import describe_tuning

logger = logging.getLogger(__name__)

TALKATIVE = ("bank_spark_dl.distributed", "bank_spark_dl.ml")
"""Loggers of packages that describe each training."""


def search_settings(
    train_rows: DataFrame,
    data: DataOptions,
    features: FeatureOptions,
    model: ModelOptions,
    elephas: ElephasOptions,
    decision: DecisionOptions | None,
    cross_validation: CrossValidationOptions,
    options: TuningOptions,
    seed: int,
    data_root: str,
) -> tuple[TuningTrials, Tuning]:
    """Try settings by cross-validation of the train rows, then compare the best with the first.

    Each training that ends is kept below `data_root`: the same search goes on after it was killed.

    Args:
        train_rows: Clean rows; the test rows are not used.
        data: How the rows are split, and their columns.
        features: Settings of the feature stages, with which the search starts.
        model: Layers of the network, likewise.
        elephas: How it is trained, likewise.
        decision: What calls cost and bring, for the threshold `optimal`.
        cross_validation: Number of folds and their seed.
        options: What is searched, and how.
        seed: Of all trainings.
        data_root: Where results lie.

    Returns:
        The trials; and what they have shown.

    Raises:
        ParameterError: The space holds a value that is not allowed, there is no such sampler or
            objective, or the settings of the start cannot be trained.
    """
    settings = Settings(features, model, _without_checkpoints(elephas))
    check_space(settings, options)
    check_sampler(settings, options)
    sections = [data, decision, cross_validation, features, model, settings.elephas]
    finished = open_folds(data_root, train_rows, [*map(_plain, sections), _deciding(options), seed])
    trainer = FoldTrainer(train_rows, data, decision, cross_validation, finished)
    objective, folds = objective_of(options, trainer.evaluation), cross_validation.folds
    _describe_search(settings, options, folds, objective)
    again = folds * options.repeats * elephas.epochs
    epochs = planned_epochs(settings, options, folds) + 2 * again
    with only_warnings(*TALKATIVE), search_progress(epochs) as progress:
        arguments = (folds, options.repeats, seed, trainer, progress)
        progress.show("the present settings, to compare with")
        # Before the search, so that settings that cannot be trained are refused at once.
        before = train_again(settings, *arguments)
        trials = Search(settings, options, objective, folds, seed, trainer, progress).run()
        best, after = best_trial(trials, objective), before
        if best.number:
            progress.show("the best settings, to compare")
            after = train_again(settings.with_values(best.parameters), *arguments)
    means = trainer.evaluation.fold_means
    tuning = summarize_search(trials, before, after, settings, options, data, objective, means)
    print_block("Tuning", describe_tuning(tuning))
    return trials, tuning


def _without_checkpoints(elephas: ElephasOptions) -> ElephasOptions:
    """Return how trials are trained: what is kept are figures of whole trainings."""
    return elephas.model_copy(update={"checkpoint_dir": None, "resume": False})


def _plain(section: Section | None) -> Any:
    return None if section is None else section.model_dump(mode="json")


def _deciding(options: TuningOptions) -> dict[str, Any]:
    """Return the parameters of the search that decide trials."""
    return options.model_dump(mode="json", exclude={"trials", "minutes", "force", "repeats"})


def _describe_search(
    settings: Settings, options: TuningOptions, folds: int, objective: str
) -> None:
    epochs = ", ".join(map(str, rung_epochs(settings, options)))
    logger.info(
        "Trying up to %d settings of %s, %d at a time, on %d folds of the train rows, for %s "
        "epochs; the best has the best %s.",
        options.trials,
        ", ".join(options.searched()),
        options.batch,
        folds,
        epochs,
        objective,
    )


def objective_of(options: TuningOptions, evaluation: Evaluation) -> str:
    """Return the figure that is sought.

    Args:
        options: May name it.
        evaluation: Tells which figures there are.

    Raises:
        ParameterError: There is no such figure.
    """
    known = [field.name for field in fields(evaluation.fold_means)]
    objective = options.objective or ("log_loss" if "log_loss" in known else "rmse")
    if objective not in known:
        usual = ", ".join(name for name in known if name in OBJECTIVES)
        raise ParameterError(
            f"tuning.objective is {objective}, which is no figure of this target: choose one of "
            f"{usual}, or null."
        )
    return objective
