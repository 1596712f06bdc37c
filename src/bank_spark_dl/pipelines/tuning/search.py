"""Try settings in batches that follow from the seed and the trials before."""

import time
from collections.abc import Sequence

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.batch import (
    DEFAULT,
    RunningTrial,
    going_on,
    run_batch,
    start_trial,
)
from bank_spark_dl.pipelines.tuning.finished_folds import FoldOutcome
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob, FoldTrainer
from bank_spark_dl.pipelines.tuning.progress import SearchProgress
from bank_spark_dl.pipelines.tuning.results import Trial, best_trial
from bank_spark_dl.pipelines.tuning.settings import Settings, rung_epochs
from bank_spark_dl.pipelines.tuning.study import Chooser


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
        self._chooser = Chooser(settings, options, objective)
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
            batch = self._next_batch()
            self._trials += run_batch(batch, self._train, self._options, self._objective)
            for trial in self._trials[-len(batch) :]:
                self._chooser.tell(trial)
            if self._trials[DEFAULT].state == "failed":
                raise ParameterError(
                    f"The settings that the search starts with fail: {self._trials[DEFAULT].error}"
                )
        return tuple(self._trials)

    def _next_batch(self) -> list[RunningTrial]:
        first, options = len(self._trials), self._options
        batch = []
        for number in range(first, min(first + options.batch, options.trials)):
            default = self._settings.searched_values(options) if number == DEFAULT else None
            parameters = self._chooser.ask(number) if default is None else default
            batch.append(start_trial(number, parameters, self._settings))
        return batch

    def _train(self, stops: Sequence[tuple[RunningTrial, int]]) -> list[list[FoldOutcome]]:
        self._progress.show(self._state(stops))
        jobs = [
            FoldJob(trial.settings, fold, epochs, self._seed)
            for trial, epochs in stops
            if trial.settings is not None
            for fold in range(self._folds)
        ]
        outcomes = self._trainer.train(jobs, self._progress.end)
        return [outcomes[first : first + self._folds] for first in range(0, len(jobs), self._folds)]

    def _state(self, stops: Sequence[tuple[RunningTrial, int]]) -> str:
        """Say which trials are trained now, and how good the best one was."""
        numbers = [trial.number for trial, _ in stops]
        now = f"{len(numbers)} trials up to {max(numbers)} of {self._options.trials}"
        best = [best_trial(self._trials, self._objective)] if self._trials else []
        value = "".join(f", best {self._objective} {t.rungs[t.epochs]:.4f}" for t in best)
        return f"{now}, {max(epochs for _, epochs in stops)} epochs{value}"


def planned_epochs(settings: Settings, options: TuningOptions, folds: int) -> int:
    """Return the epochs that a whole search trains, if no trial changes their number or fails."""
    epochs, total = rung_epochs(settings, options), 0
    for first in range(0, options.trials, options.batch):
        size = min(options.batch, options.trials - first)
        for rung in epochs:
            total += size * rung * folds
            size = going_on(size, options, has_default=not first)
    return total
