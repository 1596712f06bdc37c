"""Run a training's rounds on Spark, as Elephas's SparkModel does."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from elephas.spark_model import SparkModel
from pyspark import RDD, SparkContext

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import ShardHandle
from bank_spark_dl.distributed.training.averaging import Arrays
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.distributed.training.loop import Trained, TrainingLoop, first_checkpoint
from bank_spark_dl.distributed.training.one_task import OneTask, train_in_one_task
from bank_spark_dl.distributed.training.progress import Report
from bank_spark_dl.distributed.training.worker import LocalSGDWorker, RoundStart, WorkerTask

logger = logging.getLogger(__name__)


class LocalSGD(SparkModel):  # type: ignore[misc]
    """Elephas's SparkModel with rounds that are pure functions of what they are sent.

    Elephas's `fit` broadcasts weights, trains on each partition and averages. So does this one; it
    also carries the optimizer's state, weights by rows, validates the averaged weights, keeps a
    checkpoint and stops early. A single worker has nobody to average with: all its rounds run in
    one Spark task, which gives the same bits as a job for each.

    Attributes:
        weights: Those to start from; none once `fit` has begun.
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

    def fit(self, rdd: RDD[ShardHandle], *, progress: Report, resume: bool = False) -> Trained:
        """Run the remaining rounds on shards that are written, then calibrate.

        Raises:
            ParameterError: The checkpoint is of another training; or see `TrainingLoop.train`.
        """
        config, plan, context = self._config, self._plan, rdd.context
        start = first_checkpoint(config, plan, self.weights)
        self.weights = []
        if resume and self._checkpoints is not None:
            start = self._checkpoints.load() or start
        if config.num_workers == 1:
            trained = self._fit_in_one_task(start, progress, context)
            if trained is not None:
                return trained
            logger.info(
                "Each round is a Spark job of its own: with a checkpoint_dir that the executors "
                "share with the driver, all rounds of one worker are one job."
            )
        save = self._checkpoints.save if self._checkpoints is not None else lambda state: None
        return TrainingLoop(config, plan, start, partial(self._run, context), save).train(progress)

    def _fit_in_one_task(
        self, start: Checkpoint, progress: Report, context: SparkContext
    ) -> Trained | None:
        with _folder_for_task(self._checkpoints, context) as folder:
            if folder is None:
                return None
            task = OneTask(self._config, self._plan, self._shards.store, folder, start)
            return train_in_one_task(self._shards, task, progress)

    def _run(self, context: SparkContext, task: WorkerTask, start: RoundStart) -> list[Any]:
        """Broadcast the start of a round and run a worker's task on all shards."""
        broadcast = context.broadcast(start)
        try:
            worker = LocalSGDWorker(self._config, self._plan, self._shards.store, broadcast)
            return self._shards.run(partial(task, worker))
        finally:
            broadcast.destroy()


@contextmanager
def _folder_for_task(
    given: CheckpointFolder | None, context: SparkContext
) -> Iterator[CheckpointFolder | None]:
    """Yield where a task can keep checkpoints; None on a cluster if no folder is given."""
    if given is not None or not context._jsc.sc().isLocal():
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield CheckpointFolder(folder, {})
