"""Run one worker's part of a round inside a Spark task."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from elephas.worker import SparkWorker

from bank_spark_dl.distributed.config import NetworkConfig, TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.sampler import (
    EpochOrder,
    Rows,
    rows_in_round,
    scoring_chunks,
    steps_before,
    training_chunks,
)
from bank_spark_dl.distributed.data.shards import Shard, ShardHandle, ShardStore
from bank_spark_dl.distributed.inference.calibration import SLOPES, temperature_sums
from bank_spark_dl.distributed.inference.prior import prior_shift, threshold_before_shift
from bank_spark_dl.distributed.inference.probability import class_probabilities
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.train_step import cached_network
from bank_spark_dl.distributed.training.validation import no_rows, summarize


@dataclass(frozen=True)
class RoundStart:
    """What the driver sends to all workers of a round.

    Attributes:
        weights: The averaged weights, in layer order.
        optimizer_states: Optimizer state for each worker; empty to start anew.
        round: Number of the round, from 0.
    """

    weights: Arrays
    optimizer_states: list[Arrays]
    round: int


@dataclass(frozen=True)
class RoundResult:
    """What a worker returns from a round.

    Attributes:
        worker: Its number.
        scores: Summary of the validation rows, scored with the weights the round started with;
            None in the first round.
        rows: Rows it trained on in this round.
        weight: Sum of these rows' weights, of which each is 1 by default.
        steps: Train steps it did.
        seconds: Time it computed, scoring included.
        weights: Its weights afterwards, in layer order.
        optimizer_state: Its optimizer's variables afterwards, if the driver needs them.
        figures: Mean loss and metrics by name.
    """

    worker: int
    scores: Any
    rows: int
    weight: float
    steps: int
    seconds: float
    weights: Arrays
    optimizer_state: Arrays
    figures: dict[str, float]


class Start(Protocol):
    """Where a round starts, as Spark's broadcasts hold it."""

    @property
    def value(self) -> RoundStart:
        """What the driver has sent."""


class LocalSGDWorker(SparkWorker):  # type: ignore[misc]
    """Elephas's synchronous worker, with a network and rows that stay cached between tasks.

    A task receives the handle of its shard. If its executor does not have the shard, the task
    returns the worker's number, and the driver has the shard written where the task runs again.
    """

    def __init__(
        self,
        config: TrainingConfig,
        plan: TrainingPlan,
        store: ShardStore,
        start: Start,
    ) -> None:
        """Describe the work of one round.

        Args:
            config: The training's configuration.
            plan: Its rounds.
            store: Where the shards are.
            start: Where the round starts.

        Raises:
            ParameterError: A prior does not fit the class weights, see `prior_shift`.
        """
        network = config.network
        optimizer = network.optimizer_config
        super().__init__(
            network.keras_model_config, start, {}, optimizer, network.loss, network.metrics, None
        )
        self.config = config
        self.plan = plan
        self.store = store
        # Workers score probabilities before the prior is applied.
        shift = prior_shift(config.prior, plan.class_rows, network.class_weights)
        self.threshold = threshold_before_shift(config.threshold, shift)

    def train(self, data_iterator: Iterable[ShardHandle]) -> Iterator[RoundResult | int]:
        """Score the weights a round starts with, then train, on each shard of the partition.

        Scoring belongs to the round before. Doing it here saves a Spark job a round, which costs
        more than the scoring itself.
        """
        for handle, shard in self._shards(data_iterator):
            yield handle.worker if shard is None else self._train_shard(handle, shard)

    def validate(self, data_iterator: Iterable[ShardHandle]) -> Iterator[Any]:
        """Score weights on the validation rows of each shard of the partition."""
        for handle, shard in self._shards(data_iterator):
            yield handle.worker if shard is None else self._score(handle, shard)

    def try_temperatures(self, data_iterator: Iterable[ShardHandle]) -> Iterator[Any]:
        """Sum what the validation rows' log loss is made of for temperatures."""
        network = cached_network(self.config.network)
        for handle, shard in self._shards(data_iterator):
            if shard is None:
                yield handle.worker
                continue
            chunks = scoring_chunks(shard, handle.training_rows, handle.rows)
            scored = network.score(self.parameters.value.weights, chunks)
            sums = (
                temperature_sums(class_probabilities(rows.outputs), rows.label, rows.weight)
                for rows in scored
            )
            yield sum(sums, np.zeros(len(SLOPES) + 2))

    def _shards(
        self, data_iterator: Iterable[ShardHandle]
    ) -> Iterator[tuple[ShardHandle, Shard | None]]:
        # Spark reuses a Python process only if it has read its input to the end.
        for handle in list(data_iterator):
            yield handle, self.store.open(handle)

    def _train_shard(self, handle: ShardHandle, shard: Shard) -> RoundResult:
        began = time.perf_counter()
        config, plan, start = self.config, self.plan, self.parameters.value
        worker, rows, batch_size = handle.worker, handle.training_rows, config.batch_size
        scores = self._score(handle, shard) if start.round else None
        order = EpochOrder(rows, config.seed, start.round // plan.rounds_per_epoch, worker)
        positions = rows_in_round(rows, start.round, plan, batch_size)
        chunks = Weighed(training_chunks(shard, order, positions, batch_size), config.network)
        weights, state, figures = cached_network(config.network).train(
            start.weights,
            start.optimizer_states[worker] if start.optimizer_states else None,
            iter(chunks),
            batch_size,
            (config.seed, start.round, worker),
            steps_before(rows, start.round, plan, batch_size),
        )
        return RoundResult(
            worker=worker,
            scores=scores,
            rows=len(positions),
            weight=chunks.weight,
            steps=math.ceil(len(positions) / batch_size),
            seconds=time.perf_counter() - began,
            weights=weights,
            optimizer_state=[] if config.merge == "reset" else state,
            figures=figures,
        )

    def _score(self, handle: ShardHandle, shard: Shard) -> Any:
        chunks = scoring_chunks(shard, handle.training_rows, handle.rows)
        scored = cached_network(self.config.network).score(self.parameters.value.weights, chunks)
        parts = (summarize(rows, self.config, self.plan, self.threshold) for rows in scored)
        return sum(parts, no_rows(self.config, self.plan))


WorkerTask = Callable[[LocalSGDWorker, Iterable[ShardHandle]], Iterator[Any]]
"""A method of the worker: takes the handles of a partition, yields a result for each."""


class Weighed:
    """Chunks of rows, and the sum of their weights once they are read."""

    def __init__(self, chunks: Iterator[Rows], network: NetworkConfig) -> None:
        """Take chunks; where rows have weights, these stand before the label."""
        self._chunks = chunks
        self._weighted = network.weighted
        self.weight = 0.0

    def __iter__(self) -> Iterator[Rows]:
        """Yield the chunks."""
        for chunk in self._chunks:
            weight = chunk[:, -2].sum(dtype=np.float64) if self._weighted else len(chunk)
            self.weight += float(weight)
            yield chunk
