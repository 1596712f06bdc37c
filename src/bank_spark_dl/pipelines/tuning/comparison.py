"""Compare the best trial with the first one, on other folds and with other seeds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.evaluation.intervals import fold_interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans
from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob, FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import search_progress
from bank_spark_dl.pipelines.tuning.results import (
    GREATER_IS_BETTER,
    Candidate,
    FoldFigures,
    Trial,
    Tuning,
    best_trial,
)
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.pipelines.tuning.study import parameter_importance, study_of
from bank_spark_dl.pipelines.tuning.verdict import describe_difference


def train_again(
    name: str, settings: Settings, folds: int, repeats: int, seed: int, trainer: FoldTrainer
) -> list[FoldFigures]:
    """Train settings on folds that the search does not use.

    Args:
        name: Of the settings: default or best.
        settings: How is trained.
        folds: Folds of a repeat.
        repeats: Number of repeats.
        seed: That of the search; each repeat has another one.
        trainer: Trains and measures folds.

    Returns:
        The figures of all folds of all repeats.

    Raises:
        ParameterError: A training fails.
    """
    epochs, figures = settings.elephas.epochs, []
    title = f"Training the {name} settings on other folds"
    with search_progress(title, epochs * folds * repeats) as progress:
        for repeat in range(1, repeats + 1):
            jobs = [FoldJob(name, settings, fold, epochs, seed + repeat) for fold in range(folds)]
            for outcome in trainer.train(jobs, progress.end, repeat):
                if isinstance(outcome, str):
                    raise ParameterError(f"The {name} settings fail on other folds: {outcome}")
                figures.append(outcome)
    return figures


def summarize_search(
    trials: Sequence[Trial],
    before: Sequence[FoldFigures],
    after: Sequence[FoldFigures],
    settings: Settings,
    options: TuningOptions,
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
        objective: Figure that was sought.
        means: Figures that are averaged.
    """
    best, repeats = best_trial(trials, objective), options.repeats
    gains = [
        {name: ours[name] - theirs[name] for name in ours}
        for ours, theirs in zip(after, before, strict=True)
    ]
    differences = _average(gains, means, repeats)
    difference = getattr(differences, objective)
    better = difference.sign == (1 if objective in GREATER_IS_BETTER else -1)

    def candidate(trial: Trial, figures: Sequence[FoldFigures]) -> Candidate:
        values = {settings.real_name(name): value for name, value in trial.parameters.items()}
        return Candidate(trial.number, values, _average(figures, means, repeats))

    return Tuning(
        objective=objective,
        trials=dict(Counter(trial.state for trial in trials)),
        folds=len(before) // repeats,
        repeats=repeats,
        default=candidate(trials[0], before),
        best=candidate(best, after),
        difference=difference,
        differences=differences,
        better=better,
        verdict=describe_difference(objective, best.number, difference, better=better),
        importance=parameter_importance(study_of(trials, options, objective)),
    )


def _average(
    figures: Sequence[FoldFigures], means: type[AnyFoldMeans], repeats: int
) -> AnyFoldMeans:
    """Average figures over the folds of all repeats."""
    averaged: dict[str, Any] = {
        field.name: fold_interval([each[field.name] for each in figures], repeats)
        for field in fields(means)
    }
    return means(**averaged)
