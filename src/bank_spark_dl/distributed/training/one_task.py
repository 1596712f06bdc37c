"""Run all rounds of a training with one worker in one Spark task.

The task keeps its checkpoints in a folder that the driver sees too: they tell the driver how far it
is, and a task that Spark runs again goes on from the last one.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark import InheritableThread

from bank_spark_dl.distributed.config import TrainingConfig
from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import ShardHandle, ShardStore
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.distributed.training.loop import Trained, TrainingLoop
from bank_spark_dl.distributed.training.progress import Report
from bank_spark_dl.distributed.training.worker import LocalSGDWorker, RoundStart, WorkerTask
from bank_spark_dl.errors import UserError

WAIT = 0.1  # seconds between two looks at the driver's mark where it is missing
PATIENCE = 600  # times of that until a task believes that nobody waits


@dataclass(frozen=True)
class OneTask:
    """A training as a function of the partition that holds its only shard.

    Attributes:
        config: The training's configuration.
        plan: Its rounds.
        store: Where the shard is.
        folder: Where checkpoints go.
        start: Where the training begins.
    """

    config: TrainingConfig
    plan: TrainingPlan
    store: ShardStore
    folder: CheckpointFolder
    start: Checkpoint

    def __call__(
        self, handles: Iterable[ShardHandle]
    ) -> Iterator[Trained | UserError | OSError | int | None]:
        """Train.

        Yields:
            The result; or the error that ended the training; or the worker's number if the executor
            does not have the shard; or None if it does not see the folder.
        """
        # Spark reuses a Python process only if it has read its input to the end.
        for handle in list(handles):
            if not self.folder.is_held():
                yield None
            elif self.store.open(handle) is None:
                yield handle.worker
            else:
                yield self._train(handle)

    def _train(self, handle: ShardHandle) -> Trained | UserError | OSError:
        def run(task: WorkerTask, start: RoundStart) -> list[Any]:
            worker = LocalSGDWorker(self.config, self.plan, self.store, _Held(start))
            return list(task(worker, [handle]))

        try:
            state = self.folder.load_own() or self.start
            loop = TrainingLoop(self.config, self.plan, state, run, self._save)
            return loop.train(lambda last, rounds: None)
        except (UserError, OSError) as error:
            return error

    def _save(self, state: Checkpoint) -> None:
        for _ in range(PATIENCE):
            if self.folder.is_held():
                self.folder.save(state)
                return
            time.sleep(WAIT)
        raise InterruptedError("The driver no longer waits for this training.")


@dataclass(frozen=True)
class _Held:
    """A round's start that needs no broadcast."""

    value: RoundStart


def train_in_one_task(shards: ShardSet, task: OneTask, progress: Report) -> Trained | None:
    """Run a training's task and report its rounds as they end.

    Returns:
        The result; None if the executor does not see the folder of the checkpoints.

    Raises:
        UserError: It ended the training; or an OSError did.
    """
    rounds = _Rounds(task, progress)
    results: list[Any] = []
    with task.folder.held():
        _run_and_watch(shards, task, rounds, results)
    (result,) = results
    if isinstance(result, Exception):
        raise result
    if result is not None:
        rounds.report(result.history)
    trained: Trained | None = result
    return trained


def _run_and_watch(shards: ShardSet, task: OneTask, rounds: "_Rounds", results: list[Any]) -> None:
    """Run the task in a thread of its own, so that this one can report and be interrupted."""
    context, tag = shards.cached.context, f"training-{uuid4().hex}"

    def run() -> None:
        context.addJobTag(tag)
        try:
            results.extend(shards.run(task))
        except Exception as error:
            results.append(error)

    job = InheritableThread(target=run, daemon=True)
    job.start()
    try:
        while job.is_alive():
            job.join(task.folder.polling)
            rounds.report(task.folder.own_history())
            task.folder.mark()  # somebody may have deleted the folder
    except BaseException:
        with suppress(Py4JError, OSError):  # Spark may have been killed
            context.cancelJobsWithTag(tag)
        raise
    finally:
        job.join()


class _Rounds:
    """Reports each round once, when it is validated."""

    def __init__(self, task: OneTask, progress: Report) -> None:
        self._progress = progress
        self._rounds = task.plan.rounds
        self._reported = _validated(task.start.history)

    def report(self, history: TrainingHistory | None) -> None:
        """Report the rounds that are new in a history."""
        if history is None:
            return
        ended = _validated(history)
        for entry in history.rounds[self._reported : ended]:
            self._progress(entry, self._rounds)
        self._reported = max(self._reported, ended)


def _validated(history: TrainingHistory) -> int:
    """Count the rounds that are validated: the next round's task does it."""
    return len(history.rounds) if history.finished else max(len(history.rounds) - 1, 0)
