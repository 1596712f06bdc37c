"""Try settings in batches that follow from the seed, their number and the trials before."""

import time
from collections.abc import Sequence
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.batch import RunningTrial, going_on, run_batch, start_trial
from bank_spark_dl.pipelines.tuning.finished_folds import Outcome
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob, FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import SearchProgress
from bank_spark_dl.pipelines.tuning.results import Trial, best_trial
from bank_spark_dl.pipelines.tuning.settings import Settings, rung_epochs
from bank_spark_dl.pipelines.tuning.study import ask_batch


class Search:
    """A search for better settings."""

    def __init__(
        self,
        settings: Settings,
        options: TuningOptions,
        objective: str,
        folds: int,
        seed: int,
        trainer: FoldTrainer,
        progress: SearchProgress,
    ) -> None:
        """Take where the search starts.

        Args:
            settings: Those of the trial 0.
            options: What is searched, and how.
            objective: Figure that is sought.
            folds: Number of folds.
            seed: Of all trainings.
            trainer: Trains and measures folds.
            progress: Is told of trials.
        """
        self._settings, self._options, self._objective = settings, options, objective
        self._folds, self._seed = folds, seed
        self._trainer, self._progress = trainer, progress
        self._trials: list[Trial] = []

    def run(self) -> tuple[Trial, ...]:
        """Try settings until the budget of trials or of time is used up.

        Raises:
            ParameterError: The settings that the search starts with cannot be trained.
        """
        began, limit = time.monotonic(), self._options.minutes
        while len(self._trials) < self._options.trials:
            if self._trials and limit is not None and time.monotonic() - began > 60 * limit:
                break
            self._progress.show(self._told())
            batch = [
                start_trial(number, parameters, self._settings)
                for number, parameters in enumerate(self._asked(), start=len(self._trials))
            ]
            self._trials += run_batch(batch, self._train, self._options, self._objective)
            if self._trials[0].state == "failed":
                raise ParameterError(
                    f"The settings that the search starts with fail: {self._trials[0].error}"
                )
        self._progress.show(self._told())
        return tuple(self._trials)

    def _asked(self) -> list[dict[str, Any]]:
        """Return the parameters of the next batch's trials."""
        first, options = len(self._trials), self._options
        default = [] if first else [self._settings.searched_values(options)]
        size = min(options.batch, options.trials - first) - len(default)
        number = first // options.batch
        return default + ask_batch(
            self._trials, number, size, self._settings, options, self._objective
        )

    def _train(self, stops: Sequence[tuple[RunningTrial, int]]) -> list[list[Outcome]]:
        jobs = [
            FoldJob(f"trial-{trial.number}", trial.settings, fold, epochs, self._seed)
            for trial, epochs in stops
            if trial.settings is not None
            for fold in range(self._folds)
        ]
        outcomes = self._trainer.train(jobs, self._progress.end)
        return [outcomes[first : first + self._folds] for first in range(0, len(jobs), self._folds)]

    def _told(self) -> str:
        told = f"{len(self._trials)} of {self._options.trials} trials"
        if not self._trials:
            return told
        best = best_trial(self._trials, self._objective)
        return f"{told}, best {self._objective} {best.rungs[best.epochs]:.4f}"


def planned_epochs(settings: Settings, options: TuningOptions, folds: int) -> int:
    """Return the epochs that a whole search trains, if no trial changes their number or fails."""
    epochs, total = rung_epochs(settings, options), 0
    for first in range(0, options.trials, options.batch):
        size = min(options.batch, options.trials - first)
        for rung in epochs:
            total += size * rung * folds
            size = going_on(size, options, has_default=not first)
    return total
