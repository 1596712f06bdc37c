"""Types of the datasets `tuning_trials` and `tuning`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import AnyFoldMeans

GREATER_IS_BETTER: Final = ("accuracy", "auc", "r2")
"""Objectives that are maximized."""

State = Literal["complete", "pruned", "failed"]
FoldFigures = dict[str, float]


@dataclass(frozen=True)
class Trial:
    """Settings that were tried.

    Attributes:
        number: From 0; the trial 0 has the settings that the search started with.
        parameters: The searched parameters by dotted name; those whose condition was not met are
            missing.
        figures: By fold, after the last epoch that it was trained for.
        epochs: This epoch.
        rungs: Mean objective over the folds by epoch, for each rung that it reached.
        state: `complete` with all epochs; `pruned`: others of its batch were better; `failed`.
        error: Why it failed.
    """

    number: int
    parameters: dict[str, Any]
    figures: tuple[FoldFigures, ...]
    epochs: int
    rungs: dict[int, float]
    state: State
    error: str | None = None


TuningTrials = tuple[Trial, ...]


@dataclass(frozen=True)
class Candidate:
    """One of two settings that are compared.

    Attributes:
        number: Of the trial.
        parameters: Values of the searched parameters by dotted name, as in parameters.yml.
        figures: Means over folds and repeats.
    """

    number: int
    parameters: dict[str, Any]
    figures: AnyFoldMeans


@dataclass(frozen=True)
class Tuning:
    """The dataset `tuning`: what the search has found.

    The best trial was chosen among many on the same folds, where the luckiest one seems better than
    it is. So the figures here are of new trainings with other seeds, on other folds unless these
    follow from time.

    Attributes:
        objective: Figure that was sought.
        trials: Number of trials by state.
        folds: Folds of a repeat.
        repeats: Each with its own seed of the trainings, and its own folds unless these follow
            from time.
        default: The settings that the search started with.
        best: Those of the best trial.
        difference: The best trial's objective minus the default's, on the same folds.
        differences: The same for all figures.
        better: Whether the interval of `difference` says that the best trial is better.
        verdict: The same as a sentence.
        importance: Share of the objective's variation that each searched parameter explains; empty
            where there are too few trials.
    """

    objective: str
    trials: dict[str, int]
    folds: int
    repeats: int
    default: Candidate
    best: Candidate
    difference: Interval
    differences: AnyFoldMeans
    better: bool
    verdict: str
    importance: dict[str, float]


def loss(objective: str, value: float) -> float:
    """Return a value of the objective such that less is better."""
    return -value if objective in GREATER_IS_BETTER else value


def best_trial(trials: Sequence[Trial], objective: str) -> Trial:
    """Return the best of the trials that were trained for all epochs; the first one of several."""
    complete = [trial for trial in trials if trial.state == "complete"]
    return min(complete, key=lambda trial: loss(objective, trial.rungs[trial.epochs]))
