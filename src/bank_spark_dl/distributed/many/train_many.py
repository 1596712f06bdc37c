"""Train many models side by side: folds, seeds, settings."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.many.room import Room
from bank_spark_dl.distributed.many.shared_split import SharedSplit, group_by_split
from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.distributed.network_estimator import NetworkEstimator
from bank_spark_dl.distributed.network_model import NetworkModel
from bank_spark_dl.distributed.training.progress import (
    ManyReports,
    Report,
    check_progress,
    make_many_progress,
)
from bank_spark_dl.spark.caching import persist, unpersist
from bank_spark_dl.spark.side_by_side import run_side_by_side

logger = logging.getLogger(__name__)


def transform(model: Any, rows: DataFrame) -> DataFrame:
    """Return what a model makes of rows."""
    predicted: DataFrame = model.transform(rows)
    return predicted


@dataclass(frozen=True)
class Training:
    """One of many trainings.

    Attributes:
        estimator: `ElephasClassifier`, `ElephasRegressor`, or another object whose `fit` takes the
            rows to train on; or a function that makes it, once the split is known.
        splitter: Divides the frame into rows to train on and rows to predict, for example a
            `HoldOut`. Trainings whose splitters are equal share the rows.
        predict: Predicts the rows that are held out.
    """

    estimator: Any
    splitter: Splitter
    predict: Callable[[Any, DataFrame], DataFrame] = transform

    def estimator_for(self, split: Split) -> Any:
        """Return the estimator."""
        return self.estimator if hasattr(self.estimator, "fit") else self.estimator(split)


@dataclass(frozen=True)
class TrainingResult:
    """What a training has given.

    Attributes:
        model: The fitted model; that of a network has its `history`.
        predictions: Of the rows held out, persisted until `unpersist`.
        seconds: Time that fitting took, in seconds, after the rows were laid out.
    """

    model: Any
    predictions: DataFrame
    seconds: float

    def unpersist(self) -> None:
        """Free the memory of the predictions; later queries compute them again."""
        unpersist(self.predictions)


def train_many(
    frame: DataFrame,
    trainings: Sequence[Training],
    *,
    parallelism: int | None = None,
    progress: Report | str | None = None,
) -> list[TrainingResult]:
    """Train models side by side, each network with one worker in one Spark task.

    Feature stages are fitted once for each different splitter, on the rows to train on only, and
    rows are laid out once for networks that take the same. Both are removed after the last training
    that needs them; at most `parallelism` splits are held at a time, fewer if an executor's disk is
    too small. Networks with several workers train one after the other. Where an estimator has a
    `checkpoint_dir`, each training has a folder of its own in it, named by its number. The result
    is that of `fit`, bit for bit, whatever runs beside it.

    Args:
        frame: Rows for the splitters.
        trainings: What to train.
        parallelism: Trainings at a time; None: as many as Spark has cores.
        progress: A function of a `history.Round` and the number of rounds, called from several
            threads; "rich" for one progress bar; None for nothing.

    Returns:
        A result for each training, in their order.

    Raises:
        Exception: What the first training to fail has raised; the others are cancelled.
    """
    check_progress(progress)
    spark = frame.sparkSession
    at_once = parallelism or spark.sparkContext.defaultParallelism
    room = Room(at_once)
    splits: list[SharedSplit] = []
    order: list[int] = []
    functions: list[Callable[[], TrainingResult]] = []
    with make_many_progress(progress, len(trainings)) as reports:
        running = _Trainings(reports)
        for group in group_by_split([training.splitter for training in trainings]):
            splits.append(SharedSplit(frame, trainings[group[0]].splitter, len(group), room))
            order += group
            functions += [partial(running.run, n, trainings[n], splits[-1]) for n in group]
        try:
            results = run_side_by_side(spark, functions, at_once, room.close)
        except BaseException:
            running.forget()
            raise
        finally:
            for split in splits:
                split.remove()
    by_number = dict(zip(order, results, strict=True))
    return [by_number[number] for number in range(len(trainings))]


class _Trainings:
    """Trainings that run side by side."""

    def __init__(self, reports: ManyReports) -> None:
        self._reports = reports
        self._several_workers = Lock()
        self._told = Event()
        self._predictions: list[DataFrame] = []

    def run(self, number: int, training: Training, shared: SharedSplit) -> TrainingResult:
        """Train, and predict the rows that are held out."""
        try:
            split = shared.split()
            estimator = training.estimator_for(split)
            if isinstance(estimator, NetworkEstimator):
                model, seconds = self._train_network(estimator, number, shared)
            else:
                began = time.perf_counter()
                model = estimator.fit(split.train)
                seconds = time.perf_counter() - began
            predictions = persist(training.predict(model, split.held_out))
            self._predictions.append(predictions)
            predictions.count()  # now, for the split is removed after its last training
        finally:
            shared.leave()
        self._reports.end(number)
        return TrainingResult(model, predictions, seconds)

    def _train_network(
        self, estimator: NetworkEstimator, number: int, shared: SharedSplit
    ) -> tuple[NetworkModel, float]:
        """Train a network; those that need all workers wait for one another."""
        mine = estimator.for_training(number, self._reports.of(number))
        prepared = mine.prepare(shared.split().train)
        workers = prepared.config.num_workers
        with self._alone() if workers > 1 else nullcontext():
            shards, plan = shared.shards(prepared)
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
