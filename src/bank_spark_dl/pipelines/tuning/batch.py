"""Train the trials of a batch, and end those early that are worse than others."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.finished_folds import FoldOutcome
from bank_spark_dl.pipelines.tuning.results import FoldFigures, State, Trial, loss
from bank_spark_dl.pipelines.tuning.settings import Settings, rung_epochs

DEFAULT = 0
"""Number of the trial with the settings that the search starts with; it is never ended early."""


@dataclass
class RunningTrial:
    """A trial while its batch is trained.

    Attributes:
        number: Of the trial.
        parameters: The searched parameters by dotted name.
        settings: All settings; None where the parameters do not go together.
        epochs: Trained so far.
        figures: By fold, after these epochs.
        rungs: Mean objective by epoch.
        error: Why it failed.
    """

    number: int
    parameters: dict[str, Any]
    settings: Settings | None = None
    epochs: int = 0
    figures: tuple[FoldFigures, ...] = ()
    rungs: dict[int, float] = field(default_factory=dict)
    error: str | None = None

    def end_rung(self, epochs: int, outcomes: Sequence[FoldOutcome], objective: str) -> None:
        """Note what the folds have given, or why one failed."""
        figures = [outcome for outcome in outcomes if isinstance(outcome, dict)]
        if len(figures) < len(outcomes):
            self.error = next(outcome for outcome in outcomes if isinstance(outcome, str))
            return
        mean = fmean(each[objective] for each in figures)
        if not math.isfinite(mean):
            self.error = f"Its {objective} is {mean}."
            return
        self.epochs, self.figures = epochs, tuple(figures)
        self.rungs[epochs] = mean

    def trial(self) -> Trial:
        """Return what is kept of it."""
        complete = self.settings is not None and self.epochs == self.settings.elephas.epochs
        state: State = "complete" if complete else "pruned"
        given = (self.number, self.parameters, self.figures, self.epochs, self.rungs)
        return Trial(*given, "failed" if self.error else state, self.error)


TrainFolds = Callable[[Sequence[tuple[RunningTrial, int]]], list[list[FoldOutcome]]]
"""Trains trials up to an epoch each; returns the outcomes of the folds for each."""


def start_trial(number: int, parameters: dict[str, Any], settings: Settings) -> RunningTrial:
    """Make a trial of a batch.

    Args:
        number: Of the trial.
        parameters: The searched parameters by dotted name.
        settings: Those that the search starts with.
    """
    try:
        chosen = settings if number == DEFAULT else settings.with_values(parameters)
    except ParameterError as error:
        return RunningTrial(number, parameters, error=str(error))
    return RunningTrial(number, parameters, chosen)


def run_batch(
    batch: Sequence[RunningTrial], train: TrainFolds, options: TuningOptions, objective: str
) -> list[Trial]:
    """Train the trials of a batch from rung to rung.

    Args:
        batch: The trials.
        train: Trains them.
        options: How trials are ended early.
        objective: Figure that is sought.
    """
    left = {
        trial.number: rung_epochs(trial.settings, options)
        for trial in batch
        if trial.settings is not None
    }
    rungs = max(map(len, left.values()), default=0)  # equal, as halving needs equal epochs
    for rung in range(rungs):
        running = [trial for trial in batch if trial.number in left]
        stops = [(trial, left[trial.number][rung]) for trial in running]
        for (trial, epochs), outcomes in zip(stops, train(stops), strict=True):
            trial.end_rung(epochs, outcomes, objective)
        running = [trial for trial in running if trial.error is None]
        if rung < rungs - 1:
            running = _best(running, options, objective)
        left = {trial.number: left[trial.number] for trial in running}
    return [trial.trial() for trial in batch]


def going_on(trials: int, options: TuningOptions, *, has_default: bool) -> int:
    """Return how many trials of a batch go on to the next rung.

    Args:
        trials: Those that are left.
        options: How trials are ended early.
        has_default: Whether the default is among them.
    """
    if options.halving is None:
        return trials
    others = max(trials // options.halving.reduction_factor, 1)
    return min(others + has_default, trials)


def _best(
    trials: Sequence[RunningTrial], options: TuningOptions, objective: str
) -> list[RunningTrial]:
    """Return the trials that go on, the default among them."""

    def rank(trial: RunningTrial) -> tuple[bool, float]:
        return trial.number != DEFAULT, loss(objective, trial.rungs[trial.epochs])

    has_default = any(trial.number == DEFAULT for trial in trials)
    return sorted(trials, key=rank)[: going_on(len(trials), options, has_default=has_default)]
