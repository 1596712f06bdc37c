"""Compare the best trial with the first one, on other folds and with other seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.evaluation.intervals import fold_interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob, FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import search_progress
from bank_spark_dl.pipelines.tuning.results import Candidate, FoldFigures, Trial
from bank_spark_dl.pipelines.tuning.settings import Settings

DEFAULT, BEST = "default", "best"


def compare_trials(
    first: Trial,
    best: Trial,
    settings: Settings,
    folds: int,
    repeats: int,
    seed: int,
    trainer: FoldTrainer,
) -> tuple[Candidate, Candidate, AnyFoldMeans]:
    """Train two trials again and compare them.

    Args:
        first: The trial that has the settings of the start.
        best: The best one, which may be the same.
        settings: Those of the start.
        folds: Folds of a repeat.
        repeats: Number of repeats.
        seed: That of the search; each repeat has another one.
        trainer: Trains and measures folds.

    Returns:
        The first one; the best one; and the means of the best one's figures minus the first one's.

    Raises:
        ParameterError: A training fails.
    """
    compared = {DEFAULT: settings, BEST: settings}
    if best.number != first.number:
        compared[BEST] = settings.with_values(best.parameters)
    figures = _train_again(compared, folds, repeats, seed, trainer)
    kind = trainer.evaluation.fold_means
    gains = [
        {name: ours[name] - theirs[name] for name in ours}
        for ours, theirs in zip(figures[BEST], figures[DEFAULT], strict=True)
    ]

    def candidate(trial: Trial, name: str) -> Candidate:
        values = {settings.real_name(key): value for key, value in trial.parameters.items()}
        return Candidate(trial.number, values, _means(figures[name], kind, repeats))

    return candidate(first, DEFAULT), candidate(best, BEST), _means(gains, kind, repeats)


def _train_again(
    compared: Mapping[str, Settings], folds: int, repeats: int, seed: int, trainer: FoldTrainer
) -> dict[str, list[FoldFigures]]:
    """Return the figures of all folds of all repeats by name."""
    figures: dict[str, list[FoldFigures]] = {name: [] for name in compared}
    epochs = sum(settings.elephas.epochs for settings in compared.values()) * folds * repeats
    with search_progress("Comparing", epochs) as progress:
        for repeat in range(1, repeats + 1):
            jobs = [
                FoldJob(name, settings, fold, settings.elephas.epochs, seed + repeat)
                for name, settings in compared.items()
                for fold in range(folds)
            ]
            outcomes = trainer.train(jobs, progress.end, repeat)
            for job, outcome in zip(jobs, outcomes, strict=True):
                if isinstance(outcome, str):
                    raise ParameterError(f"With another seed, the {job.name} fails: {outcome}")
                figures[job.name].append(outcome)
    return figures


def _means(figures: Sequence[FoldFigures], kind: type[AnyFoldMeans], repeats: int) -> AnyFoldMeans:
    averaged: dict[str, Any] = {
        field.name: fold_interval([each[field.name] for each in figures], repeats)
        for field in fields(kind)
    }
    return kind(**averaged)
