"""Train by local SGD with parameter averaging.

In each round every worker does train steps on its own rows, from the same weights; the mean of
their weights, weighted by rows, starts the next round (McMahan et al., Communication-Efficient
Learning of Deep Networks from Decentralized Data, 2017; Stich, Local SGD Converges Fast and
Communicates Little, 2018). `local_sgd` decides where the workers run.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.inference.calibration import (
    Calibration,
    fit_calibration,
    fit_temperature,
)
from bank_spark_dl.distributed.inference.prior import prior_shift
from bank_spark_dl.distributed.training.averaging import Arrays, weighted_mean, weights_sha256
from bank_spark_dl.distributed.training.checkpoint import Checkpoint
from bank_spark_dl.distributed.training.history import Round, TrainingHistory
from bank_spark_dl.distributed.training.progress import Report
from bank_spark_dl.distributed.training.round_log import describe_round
from bank_spark_dl.distributed.training.validation import Summary, no_rows
from bank_spark_dl.distributed.training.worker import (
    LocalSGDWorker,
    RoundResult,
    RoundStart,
    WorkerTask,
)
from bank_spark_dl.errors import ParameterError

RunWorkers = Callable[[WorkerTask, RoundStart], list[Any]]
"""Runs a method of `LocalSGDWorker` on every shard; returns the results in worker order."""


@dataclass(frozen=True)
class Trained:
    """The result of a training.

    Attributes:
        weights: In layer order.
        history: The record of its rounds.
        calibration: Of the probabilities.
        validation_bins: Validation rows of two classes by probability; None without any.
        prior_shift: Added to the calibrated log odds of two classes.
    """

    weights: Arrays
    history: TrainingHistory
    calibration: Calibration
    validation_bins: Any
    prior_shift: float


class TrainingLoop:
    """The rounds of a training, each a pure function of what the round before has left."""

    def __init__(
        self,
        config: TrainingConfig,
        plan: TrainingPlan,
        state: Checkpoint,
        run: RunWorkers,
        save: Callable[[Checkpoint], None],
    ) -> None:
        """Take where to begin, what runs the workers, and what keeps a checkpoint."""
        self._config = config
        self._plan = plan
        self._state = state
        self._run_workers = run
        self._save = save

    @property
    def history(self) -> TrainingHistory:
        """The record of the rounds so far."""
        return self._state.history

    def train(self, progress: Report) -> Trained:
        """Run the remaining rounds, then calibrate.

        Raises:
            ParameterError: The weights or the validation loss are no longer numbers, or no
                training row or no validation row counts.
        """
        while not self.history.finished and len(self.history.rounds) < self._plan.rounds:
            self._run_round(progress)
        last = self._finish(progress)
        weights = self._state.best_weights or self._state.weights
        self._note(weights_sha256=weights_sha256(weights))
        classes, class_weights = self._config.network.classes, self._config.network.class_weights
        calibration, bins = Calibration(), None
        if classes == 2:
            scores = self._final_scores(weights, last)
            calibration, bins = self._calibrate_two(scores), scores.bins
            if self._config.calibration == "platt" and not calibration.is_identity:
                # It is fitted to rows without class weights, which removes the effect of these.
                class_weights = None
        elif self._config.calibration == "temperature":
            sums = self._run(LocalSGDWorker.try_temperatures, weights)
            calibration = fit_temperature(sum(sums), self.history.validation_rows)
        shift = prior_shift(self._config.prior, self._plan.class_rows, class_weights)
        return Trained(weights, self.history, calibration, bins, shift)

    def _calibrate_two(self, scores: Any) -> Calibration:
        """Calibrate the probabilities of two classes."""
        # Weights count as shares of the rows, whatever their unit: labels are smoothed by rows.
        rows = self.history.validation_rows / (scores.weight or 1)
        unit = rows if self._config.network.weighted else 1
        return fit_calibration(scores.bins * unit, self._config.calibration, scores.end_odds * unit)

    def _run_round(self, progress: Report) -> None:
        """Train one round and average it; its tasks validate the round before.

        If early stopping ends with the round before, this one is dropped.
        """
        began = time.perf_counter()
        state, number = self._state, len(self.history.rounds)
        results = self._run(LocalSGDWorker.train, state.weights)
        if number:
            self._close_round([result.scores for result in results], progress)
        if self.history.finished:
            return
        shares = _shares(results)
        averaged = weighted_mean([result.weights for result in results], shares)
        _require_finite(averaged, number)
        epoch = number // self._plan.rounds_per_epoch
        seconds = time.perf_counter() - began
        entry = describe_round(number, epoch, results, state.weights, averaged, seconds)
        state.weights = averaged
        state.optimizer_states = self._merge_states(results, shares)
        del results  # weights of each worker: an embedding's take megabytes
        self._note(rounds=(*self.history.rounds, entry))
        self._require_weight()
        self._save(self._state)

    def _require_weight(self) -> None:
        """Refuse training rows of which none counts, as soon as an epoch has seen them all."""
        rounds = self.history.rounds
        if len(rounds) == self._plan.rounds_per_epoch and all(r.loss is None for r in rounds):
            raise ParameterError(
                "All training rows have the weight 0: name another column of weights, or none."
            )

    def _finish(self, progress: Report) -> list[Any]:
        """Validate the last round, if no round after it has; return its scores."""
        scores: list[Any] = []
        if not self.history.finished:
            scores = self._validate(self._state.weights)
            self._close_round(scores, progress)
            self._note(finished=True)
        self._save(self._state)
        return scores

    def _final_scores(self, weights: Arrays, last: list[Any]) -> Any:
        """Score the validation rows with the final weights, unless the last round has."""
        best = self.history.best_round
        if not last or best not in (None, len(self.history.rounds) - 1):
            last = self._validate(weights)
        return self._sum(last)

    def _sum(self, scores: Sequence[Any]) -> Summary:
        total: Summary = sum(scores, no_rows(self._config, self._plan))
        return total

    def _validate(self, weights: Arrays) -> list[Any]:
        if not self.history.validation_rows:
            return []
        return self._run(LocalSGDWorker.validate, weights)

    def _run(self, task: WorkerTask, weights: Arrays) -> list[Any]:
        states = self._state.optimizer_states
        return self._run_workers(task, RoundStart(weights, states, len(self.history.rounds)))

    def _close_round(self, scores: Sequence[Any], progress: Report) -> None:
        """Complete the last round's entry and decide whether training goes on."""
        *before, last = self.history.rounds
        if self.history.validation_rows:
            total = self._sum(scores)
            figures: dict[str, Any] = total.figures()
            _require_known(figures["val_loss"], last.round)
            if not total.weight:
                raise ParameterError(
                    "All validation rows have the weight 0: hold out rows of more weight, or none."
                )
            last = replace(last, **figures)
            self._note(rounds=(*before, last))
        self._keep_best(last)
        progress(last, self._plan.rounds)
        self._note(finished=self._out_of_patience())

    def _note(self, **changes: Any) -> None:
        """Complete the history."""
        self._state.history = replace(self.history, **changes)

    def _merge_states(
        self, results: Sequence[RoundResult], shares: Sequence[float]
    ) -> list[Arrays]:
        """Decide with which optimizer state each worker starts the next round."""
        states = [result.optimizer_state for result in results]
        if self._config.merge == "reset":
            return []
        if self._config.merge == "average":
            return [weighted_mean(states, shares)] * len(states)
        return states

    def _keep_best(self, last: Round) -> None:
        """Remember the weights of the best round if early stopping is on."""
        stopping = self._config.early_stopping
        if stopping is None:
            return
        best, monitor = self.history.best_round, stopping.monitor
        best_figure = None if best is None else getattr(self.history.rounds[best], monitor)
        if stopping.improves(getattr(last, monitor), best_figure):
            self._note(best_round=last.round)
            self._state.best_weights = self._state.weights

    def _out_of_patience(self) -> bool:
        """Tell whether early stopping has run out of patience."""
        stopping, best = self._config.early_stopping, self.history.best_round
        if stopping is None or best is None:
            return False
        return len(self.history.rounds) - 1 - best > stopping.patience


def first_checkpoint(config: TrainingConfig, plan: TrainingPlan, weights: Arrays) -> Checkpoint:
    """Return where a training begins."""
    history = TrainingHistory(
        num_workers=config.num_workers,
        epochs=config.epochs,
        seed=config.seed,
        batch_size=config.batch_size,
        training_rows=sum(plan.training_rows),
        validation_rows=sum(plan.validation_rows),
    )
    return Checkpoint(weights, [], [], history)


def _shares(results: Sequence[RoundResult]) -> list[float]:
    """Return the workers' weights in the average: of their rows, which may all be 0 in a round."""
    weights = [result.weight for result in results]
    return weights if any(weights) else [result.rows for result in results]


def _require_known(val_loss: float, number: int) -> None:
    if math.isnan(val_loss):
        raise ParameterError(
            f"After round {number} the network gives no prediction for some validation rows: look "
            "for huge values in the features, or use a smaller learning rate."
        )


def _require_finite(weights: Arrays, number: int) -> None:
    if not all(np.isfinite(array).all() for array in weights):
        raise ParameterError(
            f"The weights are not finite after round {number}: look for missing or huge values in "
            "the features, or use a smaller learning rate."
        )
