"""Train many models side by side: folds, seeds, settings."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Event, Lock
from typing import Any

from pyspark.ml.param import Params
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.converters import checked, optional, whole_number
from bank_spark_dl.distributed.many.room import Room
from bank_spark_dl.distributed.many.shared_split import SharedSplit, group_by_split
from bank_spark_dl.distributed.many.training import Training, TrainingResult
from bank_spark_dl.distributed.network_estimator import NetworkEstimator
from bank_spark_dl.distributed.network_model import NetworkModel
from bank_spark_dl.distributed.runtime.worker_pool import prewarm
from bank_spark_dl.distributed.training.progress import (
    ManyReports,
    Report,
    check_progress,
    make_many_progress,
)
from bank_spark_dl.errors import UserError
from bank_spark_dl.spark.caching import persist, unpersist
from bank_spark_dl.spark.side_by_side import run_side_by_side

logger = logging.getLogger(__name__)

Outcome = TrainingResult | UserError
OnEnd = Callable[[int, Outcome], None]


def train_many(
    frame: DataFrame,
    trainings: Sequence[Training],
    *,
    parallelism: int | None = None,
    progress: Report | str | None = None,
    on_end: OnEnd | None = None,
) -> list[TrainingResult]:
    """Train models side by side, each network with one worker as `fit` does, in one Spark task.

    Feature stages are fitted once for each different splitter, on the rows to train on only, and
    rows are laid out once for networks that take the same at about the same time. At most
    `parallelism` splits are held at a time, fewer if an executor's disk is too small. Networks with
    several workers train one after the other. Where a network's estimator has a `checkpoint_dir`,
    each training has a folder of its own in it, named by its place in the list; `progress` of this
    function replaces its own. A network has the weights that `fit` gives it, bit for bit, whatever
    runs beside it.

    Args:
        frame: Rows for the splitters.
        trainings: What to train.
        parallelism: Trainings at a time, 1 or more; None: Spark's default parallelism, which is
            the number of all cores unless `spark.default.parallelism` says otherwise.
        progress: A function of a `history.Round` and the number of rounds, called from several
            threads; "rich" for one progress bar; None for nothing.
        on_end: Called with the number of each training that has ended, in the list, and its result,
            from several threads. Where it is given, a training that a UserError ends does not end
            the others, and the error is its result.

    Returns:
        A result for each training, in their order, but none for those that an error has ended.

    Raises:
        ParameterError: `parallelism` or `progress` is not what it must be.
        Exception: What the first training to fail has raised, or `on_end`; the others are
            cancelled.
    """
    check_progress(progress)
    spark = frame.sparkSession
    wanted = checked("parallelism", optional(whole_number(1)), parallelism)
    at_once = wanted or spark.sparkContext.defaultParallelism
    prewarm(spark)
    room = Room(at_once)
    splits: list[SharedSplit] = []
    order: list[int] = []
    functions: list[Callable[[], Outcome]] = []
    with make_many_progress(progress, len(trainings)) as reports:
        running = _Trainings(reports, on_end)
        for group in group_by_split([training.splitter for training in trainings]):
            splits.append(SharedSplit(frame, trainings[group[0]].splitter, len(group), room))
            order += group
            functions += [partial(running.run, n, trainings[n], splits[-1]) for n in group]
        try:
            outcomes = run_side_by_side(spark, functions, at_once, room.close)
        except BaseException:
            running.forget()
            raise
        finally:
            for split in splits:
                split.remove()
    by_number = dict(zip(order, outcomes, strict=True))
    ordered = (by_number[number] for number in range(len(trainings)))
    return [outcome for outcome in ordered if isinstance(outcome, TrainingResult)]


class _Trainings:
    """Trainings that run side by side."""

    def __init__(self, reports: ManyReports, on_end: OnEnd | None) -> None:
        self._reports = reports
        self._on_end = on_end
        self._several_workers = Lock()
        self._told = Event()
        self._predictions: list[DataFrame] = []

    def run(self, number: int, training: Training, shared: SharedSplit) -> Outcome:
        """Train, predict the rows that are held out, and tell who wants to know."""
        outcome: Outcome
        try:
            outcome = self._train(number, training, shared)
        except UserError as error:
            if self._on_end is None:
                raise
            outcome = error
        if self._on_end is not None:
            self._on_end(number, outcome)
        self._reports.end(number)
        return outcome

    def _train(self, number: int, training: Training, shared: SharedSplit) -> TrainingResult:
        try:
            split = shared.split()
            estimator: Any = training.estimator_for(split)
            if isinstance(estimator, NetworkEstimator):
                model, seconds = self._train_network(estimator, number, shared)
            else:
                if isinstance(estimator, Params):
                    estimator = estimator.copy()  # threads may fit the same one
                began = time.perf_counter()
                model = estimator.fit(split.train)
                seconds = time.perf_counter() - began
            predictions = persist(training.predict(model, split.held_out))
            self._predictions.append(predictions)
            predictions.count()  # now, for the split is removed after its last training
        finally:
            shared.leave()
        return TrainingResult(model, predictions, seconds)

    def _train_network(
        self, estimator: NetworkEstimator, number: int, shared: SharedSplit
    ) -> tuple[NetworkModel, float]:
        """Train a network; those that need all workers wait for one another."""
        mine = estimator.for_training(number, self._reports.of(number))
        prepared = mine.prepare(shared.split().train)
        workers = prepared.config.num_workers
        alone = self._alone() if workers > 1 else nullcontext()
        with alone, shared.shards(prepared) as (shards, plan):
            began = time.perf_counter()
            return mine.train(prepared, shards, plan), time.perf_counter() - began

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for other trainings with several workers."""
        if not self._told.is_set():
            self._told.set()
            logger.info("Trainings with several workers go one after the other.")
        with self._several_workers:
            yield

    def forget(self) -> None:
        """Unpersist what nobody will read."""
        for predictions in self._predictions:
            unpersist(predictions)
