"""What runs inside a Spark task: one worker's part of a round."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from elephas.worker import SparkWorker
from pyspark import Broadcast
from pyspark.sql import Row

from bank_spark_dl.distributed.data.sampler import (
    EpochOrder,
    RoundPlan,
    rows_in_round,
    scoring_chunks,
    steps_before,
    training_chunks,
)
from bank_spark_dl.distributed.data.shards import Shard, ShardHandle, ShardStore
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.metrics import NO_SCORES, Scores, join, score_rows
from bank_spark_dl.distributed.training.network import NetworkSpec
from bank_spark_dl.distributed.training.train_step import resident_kernel


@dataclass(frozen=True)
class RoundStart:
    """What the driver sends to all workers of a round.

    Attributes:
        weights: The merged weights, in layer order.
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
        scores: Validation scores of the weights the round started with.
        rows: Rows it trained on in this round.
        steps: Steps it did.
        seconds: Time it computed, scoring included.
        weights: Its weights afterwards, in layer order.
        optimizer_state: Its optimizer's variables afterwards, if the driver needs them.
        figures: Mean loss and metrics by name.
    """

    worker: int
    scores: Scores
    rows: int
    steps: int
    seconds: float
    weights: Arrays
    optimizer_state: Arrays
    figures: dict[str, float]


class ResidentWorker(SparkWorker):  # type: ignore[misc]
    """Elephas's synchronous worker, with a network and rows that outlive the task.

    A task receives the handle of its shard. If its executor does not have the shard, the task
    returns the worker's number, and the driver has the shard written where the task runs again.
    """

    def __init__(
        self, spec: NetworkSpec, start: Broadcast[RoundStart], plan: RoundPlan, store: ShardStore
    ) -> None:
        """Describe the work of one round; runs on the driver."""
        super().__init__(
            spec.keras_model_config, start, {}, spec.optimizer_config, spec.loss, spec.metrics, None
        )
        self.spec = spec
        self.plan = plan
        self.store = store

    def train(self, data_iterator: Iterable[Row]) -> Iterator[RoundResult | int]:
        """Score the weights a round starts with, then train, on each shard of the partition.

        Scoring belongs to the round before. Doing it here saves a Spark job a round, which costs
        more than the scoring itself.
        """
        for handle, shard in self._shards(data_iterator):
            yield handle.worker if shard is None else self._train_shard(handle, shard)

    def validate(self, data_iterator: Iterable[Row]) -> Iterator[Scores | int]:
        """Score weights on the validation rows of each shard of the partition."""
        for handle, shard in self._shards(data_iterator):
            yield handle.worker if shard is None else self._score(handle, shard)

    def _shards(self, data_iterator: Iterable[Row]) -> Iterator[tuple[ShardHandle, Shard | None]]:
        # Spark reuses a Python process only if it has read its input to the end.
        for row in list(data_iterator):
            handle = ShardHandle(**row.asDict())
            yield handle, self.store.open(handle)

    def _train_shard(self, handle: ShardHandle, shard: Shard) -> RoundResult:
        start, plan, rows = self.parameters.value, self.plan, handle.training_rows
        began = time.perf_counter()
        scores = self._score(handle, shard) if start.round else NO_SCORES
        epoch = start.round // plan.rounds_per_epoch
        order = EpochOrder(rows, plan.seed, epoch, handle.worker)
        positions = rows_in_round(rows, start.round, plan)
        weights, state, figures = resident_kernel(self.spec).train(
            start.weights,
            start.optimizer_states[handle.worker] if start.optimizer_states else None,
            training_chunks(shard, order, positions, plan.batch_size),
            (plan.seed, start.round, handle.worker),
            steps_before(rows, start.round, plan),
        )
        return RoundResult(
            worker=handle.worker,
            scores=scores,
            rows=len(positions),
            steps=math.ceil(len(positions) / plan.batch_size),
            seconds=time.perf_counter() - began,
            weights=weights,
            optimizer_state=state if plan.keep_optimizer_state else [],
            figures=figures,
        )

    def _score(self, handle: ShardHandle, shard: Shard) -> Scores:
        if handle.validation_rows == 0:
            return NO_SCORES
        chunks = scoring_chunks(shard, handle.training_rows, handle.rows)
        scored = resident_kernel(self.spec).score(self.parameters.value.weights, chunks)
        return join([score_rows(*chunk, self.plan.threshold) for chunk in scored])
