"""Train by local SGD with parameter averaging.

In each round every worker does train steps on its own rows, from the same weights; the mean of
their weights, weighted by rows, starts the next round (McMahan et al., Communication-Efficient
Learning of Deep Networks from Decentralized Data, 2017; Stich, Local SGD Converges Fast and
Communicates Little, 2018). The driver runs the rounds as Spark tasks.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from elephas.spark_model import SparkModel
from pyspark import RDD
from pyspark.sql import Row

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.inference.calibration import (
    Calibration,
    fit_calibration,
    fit_temperature,
)
from bank_spark_dl.distributed.inference.prior import prior_shift, threshold_before_shift
from bank_spark_dl.distributed.training.averaging import Arrays, weighted_mean, weights_sha256
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.distributed.training.history import Round, TrainingHistory
from bank_spark_dl.distributed.training.progress import Report
from bank_spark_dl.distributed.training.round_log import describe_round
from bank_spark_dl.distributed.training.validation import Summary, no_rows
from bank_spark_dl.distributed.training.worker import LocalSGDWorker, RoundResult, RoundStart
from bank_spark_dl.errors import ParameterError


class LocalSGD(SparkModel):  # type: ignore[misc]
    """Elephas's SparkModel with rounds that are pure functions of what they are sent.

    Elephas's `fit` broadcasts weights, trains on each partition and averages. So does this one; it
    also carries the optimizer's state, weights by rows, validates the averaged weights, keeps a
    checkpoint and stops early. The next round's tasks validate the weights of a round.

    Attributes:
        weights: Those to start from; after `fit`, the trained ones.
    """

    weights: Arrays

    def __init__(
        self,
        network: Any,
        config: TrainingConfig,
        plan: TrainingPlan,
        shards: ShardSet,
        checkpoints: CheckpointFolder | None,
    ) -> None:
        """Take a compiled network and everything that decides its training."""
        super().__init__(network, num_workers=config.num_workers, batch_size=config.batch_size)
        # Copies of the weights, for Elephas's own workers: an embedding's take megabytes.
        self.serialized_model.clear()
        self._master_network = None
        self._config = config
        self._plan = plan
        self._shards = shards
        self._checkpoints = checkpoints
        self.prior_shift = self._prior_shift(config.network.class_weights)
        history = TrainingHistory(
            num_workers=config.num_workers,
            epochs=config.epochs,
            seed=config.seed,
            batch_size=config.batch_size,
            training_rows=sum(plan.training_rows),
            validation_rows=sum(plan.validation_rows),
        )
        # Workers score probabilities before the prior is applied.
        self._threshold = threshold_before_shift(config.threshold, self.prior_shift)
        self.calibration = Calibration()
        self.validation_bins: Any = None
        self._state = Checkpoint(self.weights, [], [], history)

    @property
    def history(self) -> TrainingHistory:
        """The record of the rounds so far."""
        return self._state.history

    def fit(self, rdd: RDD[Row], *, progress: Report, resume: bool = False) -> None:
        """Run the remaining rounds on shards that are written, then calibrate."""
        if resume and self._checkpoints is not None:
            self._state = self._checkpoints.load() or self._state
        while not self.history.finished and len(self.history.rounds) < self._plan.rounds:
            self._run_round(rdd, progress)
        last = self._finish(rdd, progress)
        self.weights = self._state.best_weights or self._state.weights
        self._note(weights_sha256=weights_sha256(self.weights))
        if self._config.network.classes == 2:
            self._calibrate_two(self._final_scores(rdd, last))
        elif self._config.calibration == "temperature":
            self._state.weights = self.weights
            sums = self._run(rdd, LocalSGDWorker.try_temperatures)
            self.calibration = fit_temperature(sum(sums), self.history.validation_rows)

    def _calibrate_two(self, scores: Any) -> None:
        """Calibrate the probabilities of two classes."""
        self.validation_bins = scores.bins
        # Weights count as shares of the rows, whatever their unit: labels are smoothed by rows.
        rows = self.history.validation_rows / (scores.weight or 1)
        unit = rows if self._config.network.weighted else 1
        self.calibration = fit_calibration(
            scores.bins * unit, self._config.calibration, scores.end_odds * unit
        )
        if self._config.calibration == "platt" and not self.calibration.is_identity:
            # It is fitted to rows without class weights, which removes the effect of these.
            self.prior_shift = self._prior_shift(None)

    def _prior_shift(self, class_weights: tuple[float, ...] | None) -> float:
        return prior_shift(self._config.prior, self._plan.class_rows, class_weights)

    def _run_round(self, rdd: RDD[Row], progress: Report) -> None:
        """Train one round and average it; its tasks validate the round before.

        If early stopping ends with the round before, this one is dropped.
        """
        began = time.perf_counter()
        state, number = self._state, len(self.history.rounds)
        results = self._run(rdd, LocalSGDWorker.train)
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
        self._note(rounds=(*self.history.rounds, entry))
        self._save()

    def _finish(self, rdd: RDD[Row], progress: Report) -> list[Any]:
        """Validate the last round, if no round after it has; return its scores."""
        scores: list[Any] = []
        if not self.history.finished:
            scores = self._validate(rdd)
            self._close_round(scores, progress)
            self._note(finished=True)
        self._save()
        return scores

    def _final_scores(self, rdd: RDD[Row], last: list[Any]) -> Any:
        """Score the validation rows with the final weights, unless the last round has."""
        best = self.history.best_round
        if not last or best not in (None, len(self.history.rounds) - 1):
            self._state.weights = self.weights
            last = self._validate(rdd)
        return self._sum(last)

    def _sum(self, scores: Sequence[Any]) -> Summary:
        total: Summary = sum(scores, no_rows(self._config, self._plan))
        return total

    def _validate(self, rdd: RDD[Row]) -> list[Any]:
        if not self.history.validation_rows:
            return []
        return self._run(rdd, LocalSGDWorker.validate)

    def _run(self, rdd: RDD[Row], task: Callable[..., Any]) -> list[Any]:
        """Broadcast the start of the next round and run a worker's task on all shards."""
        state = self._state
        start = RoundStart(state.weights, state.optimizer_states, len(self.history.rounds))
        broadcast = rdd.context.broadcast(start)
        try:
            worker = LocalSGDWorker(
                self._config, self._plan, self._shards.store, self._threshold, broadcast
            )
            return self._shards.run(partial(task, worker))
        finally:
            broadcast.destroy()

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

    def _save(self) -> None:
        if self._checkpoints is not None:
            self._checkpoints.save(self._state)

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
