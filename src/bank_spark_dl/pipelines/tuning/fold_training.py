"""Train settings on folds of the train rows, side by side, and measure them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl import distributed
from bank_spark_dl.distributed.many.splits import Split
from bank_spark_dl.distributed.many.training import Training, TrainingResult
from bank_spark_dl.errors import SurroundingsError, UserError
from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.features.label import check_label
from bank_spark_dl.ml.models.fold_features import FoldFeatures
from bank_spark_dl.ml.splits.ordered_folds import deal_rows
from bank_spark_dl.parameters import CrossValidationOptions, DataOptions, DecisionOptions
from bank_spark_dl.pipelines.tuning.finished_folds import FinishedFolds, FoldOutcome
from bank_spark_dl.pipelines.tuning.kept_splits import KeptSplit
from bank_spark_dl.pipelines.tuning.results import FoldFigures
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named
from bank_spark_dl.tasks.trainings import NetworkTraining, network_for


@dataclass(frozen=True)
class FoldJob:
    """A training of one fold.

    Attributes:
        settings: How it is trained.
        fold: Number of the fold.
        stop_epoch: The last epoch that it trains.
        seed: Of the training.
    """

    settings: Settings
    fold: int
    stop_epoch: int
    seed: int

    @property
    def key(self) -> str:
        """Name it by all that decides its figures, within a search."""
        decides = json.dumps([self.settings.dump(), self.seed], sort_keys=True)
        digest = hashlib.sha256(decides.encode()).hexdigest()[:16]
        return f"{digest}-fold-{self.fold}-epochs-{self.stop_epoch}"


class FoldTrainer:
    """Trains on folds, and measures each as soon as it is trained."""

    def __init__(
        self,
        rows: DataFrame,
        data: DataOptions,
        decision: DecisionOptions | None,
        folds: CrossValidationOptions,
        finished: FinishedFolds,
    ) -> None:
        """Take the rows and find out what is predicted.

        Args:
            rows: The train rows.
            data: How they are split, their columns, and the prior.
            decision: What calls cost and bring, for the threshold `optimal`.
            folds: Number of folds and their seed.
            finished: Trainings that have ended already, and where others are kept.
        """
        self._rows, self._data, self._decision = rows, data, decision
        self._folds, self._finished = folds, finished
        label = carried_name(data.columns.label)
        self._target = check_label(rows, label, data, "The train rows")
        self._task = task_named(self._target.task)
        self._kept: list[tuple[KeptSplit, Split]] = []
        self.evaluation = self._task.evaluation(self._target, data.prior)

    def train(
        self, jobs: Sequence[FoldJob], on_end: Callable[[FoldJob], None], repeat: int = 0
    ) -> list[FoldOutcome]:
        """Train what has not ended already.

        Args:
            jobs: The trainings.
            on_end: Called for each that has ended, from several threads.
            repeat: Each repeat has other folds.

        Returns:
            Figures, or the message of the error that has ended a training, in the jobs' order.
        """
        left = []
        for job in jobs:
            if self._finished.get(job.key) is None:
                left.append(job)
            else:
                on_end(job)

        def ended(number: int, result: TrainingResult | UserError) -> None:
            if isinstance(result, SurroundingsError):  # no fault of the settings
                raise result
            outcome = str(result) if isinstance(result, UserError) else self._measure(result)
            self._finished.add(left[number].key, outcome)
            on_end(left[number])

        if left:
            dealt = self._folds.model_copy(update={"seed": self._folds.seed + repeat})
            with persisted(deal_rows(self._rows, self._data, dealt)) as rows:
                trainings = [self._training(job, repeat) for job in left]
                distributed.train_many(rows, trainings, on_end=ended)
        outcomes = (self._finished.get(job.key) for job in jobs)
        return [outcome for outcome in outcomes if outcome is not None]

    def _training(self, job: FoldJob, repeat: int) -> Training:
        settings, prior = job.settings, self._data.prior
        network = partial(network_for, settings.model, self._target)
        given = (self._task, self._target, network, settings.elephas, self._decision, prior)
        split = settings.elephas.validation_split
        features = FoldFeatures(job.fold, self._data, settings.features, split, job.seed)
        splitter = KeptSplit(repeat, features, self._kept)
        return NetworkTraining(*given, job.seed, stop_epoch=job.stop_epoch).of(splitter)

    def _measure(self, result: TrainingResult) -> FoldFigures:
        measured: Any = asdict(self.evaluation.evaluate(result.predictions))
        result.unpersist()
        return {field.name: measured[field.name] for field in fields(self.evaluation.fold_means)}
