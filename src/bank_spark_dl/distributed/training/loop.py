"""The rounds of a training, driven from here, run as Spark tasks."""

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

from bank_spark_dl.distributed.config import TrainingSettings
from bank_spark_dl.distributed.data.plan import Plan
from bank_spark_dl.distributed.data.sampler import RoundPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.inference.calibration import Calibration, fit_calibration
from bank_spark_dl.distributed.inference.prior import prior_shift, threshold_before
from bank_spark_dl.distributed.training.averaging import Arrays, weighted_mean, weights_sha256
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.distributed.training.history import Round, TrainingHistory
from bank_spark_dl.distributed.training.metrics import NO_SCORES, Scores, join
from bank_spark_dl.distributed.training.network import NetworkSpec
from bank_spark_dl.distributed.training.round_log import describe_round
from bank_spark_dl.distributed.training.worker import ResidentWorker, RoundResult, RoundStart
from bank_spark_dl.errors import ParameterError

Progress = Callable[[Round, int], None]


class RoundModel(SparkModel):  # type: ignore[misc]
    """Elephas's SparkModel with rounds that are pure functions of what they are sent.

    Elephas's `_fit` broadcasts weights, trains on each partition and merges. So does this one; it
    also carries the optimizer's state, weighs by rows, validates the merged weights, keeps a
    checkpoint and stops early. The merged weights of a round are validated by the next one's tasks.
    """

    def __init__(
        self,
        network: Any,
        spec: NetworkSpec,
        settings: TrainingSettings,
        plan: Plan,
        shards: ShardSet,
        checkpoints: CheckpointFolder | None,
    ) -> None:
        """Take a compiled network and everything that decides its training."""
        super().__init__(network, num_workers=settings.num_workers, batch_size=settings.batch_size)
        self._spec = spec
        self._settings = settings
        self._plan = plan
        self._shards = shards
        self._checkpoints = checkpoints
        self.prior_shift = prior_shift(settings.prior, plan.class_rows, spec.class_weights)
        self._round_plan = RoundPlan(
            settings.batch_size,
            plan.steps_per_round,
            plan.rounds_per_epoch,
            settings.seed,
            threshold_before(settings.threshold, self.prior_shift),
            keep_optimizer_state=settings.merge != "reset",
        )
        history = TrainingHistory(
            num_workers=settings.num_workers,
            epochs=settings.epochs,
            seed=settings.seed,
            batch_size=settings.batch_size,
            training_rows=sum(plan.training_rows),
            validation_rows=sum(plan.validation_rows),
        )
        self.weights: Arrays = network.get_weights()
        self.calibration = Calibration()
        self.validation_bins = NO_SCORES.bins
        self._state = Checkpoint(self.weights, [], [], history)

    @property
    def history(self) -> TrainingHistory:
        """The record of the rounds so far."""
        return self._state.history

    def fit(self, rdd: RDD[Row], **kwargs: Any) -> None:
        """Train on shards that are laid out already; Elephas would shuffle them again."""
        self._fit(rdd, **kwargs)

    def _fit(self, rdd: RDD[Row], *, progress: Progress, resume: bool = False) -> None:
        """Run the rounds that are left, then set the network's weights."""
        if resume and self._checkpoints is not None:
            self._state = self._checkpoints.load() or self._state
        while not self.history.finished and len(self.history.rounds) < self._plan.rounds:
            self._run_round(rdd, progress)
        last = self._finish(rdd, progress)
        self.weights = self._state.best_weights or self._state.weights
        self._note(weights_sha256=weights_sha256(self.weights))
        self._master_network.set_weights(self.weights)
        scores = self._final_scores(rdd, last)
        self.validation_bins = scores.bins
        self.calibration = fit_calibration(scores.bins, self._settings.calibration, scores.end_odds)
        if self._settings.calibration == "platt" and not self.calibration.changes_nothing:
            # The line is fitted to rows that all count alike: it takes the weights' effect out.
            self.prior_shift = prior_shift(self._settings.prior, self._plan.class_rows, None)

    def _run_round(self, rdd: RDD[Row], progress: Progress) -> None:
        """Train and merge one round, and validate the round before on the way.

        If the round before turns out to have been the last, this one is dropped.
        """
        began = time.perf_counter()
        state, number = self._state, len(self.history.rounds)
        results = self._run(rdd, ResidentWorker.train)
        if number:
            self._close_round([result.scores for result in results], progress)
        if self.history.finished:
            return
        rows = [result.rows for result in results]
        merged = weighted_mean([result.weights for result in results], rows)
        _require_finite(merged, number)
        epoch = number // self._plan.rounds_per_epoch
        seconds = time.perf_counter() - began
        entry = describe_round(number, epoch, results, state.weights, merged, seconds)
        state.weights = merged
        state.optimizer_states = self._merge_states(results, rows)
        self._note(rounds=(*self.history.rounds, entry))
        self._save()

    def _finish(self, rdd: RDD[Row], progress: Progress) -> list[Scores]:
        """Validate the last round, if no round after it has; return its scores."""
        scores: list[Scores] = []
        if not self.history.finished:
            scores = self._validate(rdd)
            self._close_round(scores, progress)
            self._note(finished=True)
        self._save()
        return scores

    def _final_scores(self, rdd: RDD[Row], last: list[Scores]) -> Scores:
        """Score the validation rows with the final weights, unless the last round has."""
        if not last or self._state.best_weights:
            self._state.weights = self.weights
            last = self._validate(rdd)
        return join(last or [NO_SCORES])

    def _validate(self, rdd: RDD[Row]) -> list[Scores]:
        if not self.history.validation_rows:
            return []
        return self._run(rdd, ResidentWorker.validate)

    def _run(self, rdd: RDD[Row], task: Callable[..., Any]) -> list[Any]:
        """Broadcast where the next round starts and run a worker's task on all shards."""
        state = self._state
        start = RoundStart(state.weights, state.optimizer_states, len(self.history.rounds))
        parameters = rdd.context.broadcast(start)
        try:
            worker = ResidentWorker(self._spec, parameters, self._round_plan, self._shards.store)
            return self._shards.run(partial(task, worker))
        finally:
            parameters.destroy()

    def _close_round(self, scores: Sequence[Scores], progress: Progress) -> None:
        """Complete the last round's entry and decide whether training goes on."""
        *before, last = self.history.rounds
        if self.history.validation_rows:
            figures: dict[str, Any] = join(scores).figures()
            _require_known(figures["val_loss"], last.round)
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

    def _merge_states(self, results: Sequence[RoundResult], rows: Sequence[int]) -> list[Arrays]:
        """Decide with which optimizer state each worker starts the next round."""
        states = [result.optimizer_state for result in results]
        if self._settings.merge == "reset":
            return []
        if self._settings.merge == "average":
            return [weighted_mean(states, rows)] * len(states)
        return states

    def _keep_best(self, last: Round) -> None:
        """Remember the weights of the best round if early stopping watches."""
        watch = self._settings.early_stopping
        if watch is None:
            return
        best = self.history.best_round
        best_figure = None if best is None else getattr(self.history.rounds[best], watch.monitor)
        if watch.improves(getattr(last, watch.monitor), best_figure):
            self._note(best_round=last.round)
            self._state.best_weights = self._state.weights

    def _out_of_patience(self) -> bool:
        """Tell whether early stopping has run out of patience."""
        watch, best = self._settings.early_stopping, self.history.best_round
        if watch is None or best is None:
            return False
        return len(self.history.rounds) - 1 - best > watch.patience


def _require_known(val_loss: float, number: int) -> None:
    if math.isnan(val_loss):
        raise ParameterError(
            f"After round {number} the network gives no probability for some validation rows: look "
            "for huge values in the features, or use a smaller learning rate."
        )


def _require_finite(weights: Arrays, number: int) -> None:
    if not all(np.isfinite(array).all() for array in weights):
        raise ParameterError(
            f"The weights are not finite after round {number}: look for missing or huge values in "
            "the features, or use a smaller learning rate."
        )
