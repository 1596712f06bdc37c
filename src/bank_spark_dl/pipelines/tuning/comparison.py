"""Compare the best trial with the first one, with other seeds and, if it can be, on other folds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from statistics import fmean
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.evaluation.intervals import fold_interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans
from bank_spark_dl.parameters import DataOptions, TuningOptions
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob, FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import SearchProgress
from bank_spark_dl.pipelines.tuning.results import (
    Candidate,
    FoldFigures,
    Trial,
    Tuning,
    best_trial,
    loss,
)
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.pipelines.tuning.study import parameter_importance, study_of
from bank_spark_dl.pipelines.tuning.verdict import describe_difference

Repeats = list[list[FoldFigures]]
"""Figures by repeat and fold."""


def train_again(
    settings: Settings,
    folds: int,
    repeats: int,
    seed: int,
    trainer: FoldTrainer,
    progress: SearchProgress,
) -> Repeats:
    """Train settings with seeds and folds that the search does not use.

    Args:
        settings: How is trained.
        folds: Folds of a repeat.
        repeats: Number of repeats.
        seed: That of the search; each repeat has another one.
        trainer: Trains and measures folds.
        progress: Is told of trainings.

    Raises:
        ParameterError: A training fails.
    """
    figures: Repeats = []
    for repeat in range(1, repeats + 1):
        epochs = settings.elephas.epochs
        jobs = [FoldJob(settings, fold, epochs, seed + repeat) for fold in range(folds)]
        outcomes = trainer.train(jobs, progress.end, repeat)
        for outcome in outcomes:
            if isinstance(outcome, str):
                raise ParameterError(f"The settings cannot be trained on some folds: {outcome}")
        figures.append([outcome for outcome in outcomes if isinstance(outcome, dict)])
    return figures


def summarize_search(
    trials: Sequence[Trial],
    before: Repeats,
    after: Repeats,
    settings: Settings,
    options: TuningOptions,
    data: DataOptions,
    objective: str,
    means: type[AnyFoldMeans],
) -> Tuning:
    """Compare the best trial with the first one.

    Args:
        trials: All of them.
        before: The answer of train_again for the settings that the search started with.
        after: The same for the best ones.
        settings: Those that the search started with.
        options: What was searched, and how.
        data: How the folds are chosen.
        objective: Figure that was sought.
        means: Figures that are averaged.
    """
    best, same_folds = best_trial(trials, objective), data.split == "time"
    gains = [
        [
            {name: ours[name] - theirs[name] for name in ours}
            for ours, theirs in zip(*repeat, strict=True)
        ]
        for repeat in zip(after, before, strict=True)
    ]
    differences = _average(gains, means, same_folds=same_folds)
    difference = getattr(differences, objective)

    def candidate(trial: Trial, figures: Repeats) -> Candidate:
        chosen = settings.with_values(trial.parameters) if trial.number else settings
        values = {chosen.real_name(name): chosen.value(name) for name in trial.parameters}
        return Candidate(trial.number, values, _average(figures, means, same_folds=same_folds))

    return Tuning(
        objective=objective,
        trials=dict(Counter(trial.state for trial in trials)),
        folds=len(before[0]),
        repeats=options.repeats,
        default=candidate(trials[0], before),
        best=candidate(best, after),
        difference=difference,
        differences=differences,
        better=loss(objective, difference.sign) < 0,
        verdict=describe_difference(objective, best.number, difference),
        importance=parameter_importance(study_of(trials, options, objective)),
    )


def _average(figures: Repeats, means: type[AnyFoldMeans], *, same_folds: bool) -> AnyFoldMeans:
    """Average figures over repeats and folds.

    Repeats on the same folds say nothing of other folds: their means are the folds' figures.
    """

    def interval(name: str) -> Any:
        values = [[fold[name] for fold in repeat] for repeat in figures]
        if same_folds:
            return fold_interval([fmean(each) for each in zip(*values, strict=True)])
        return fold_interval([value for repeat in values for value in repeat], len(values))

    averaged: dict[str, Any] = {field.name: interval(field.name) for field in fields(means)}
    return means(**averaged)
