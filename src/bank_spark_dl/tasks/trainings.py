"""Trainings of one split, network and simpler models, for train_many."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.ml import Estimator
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.distributed.many.training import Training
from bank_spark_dl.ml.class_prior import odds_factor
from bank_spark_dl.ml.features.vectors import embedded_sizes, vector_size
from bank_spark_dl.ml.models.baselines import baseline_features, fit_baseline
from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DecisionOptions, ElephasOptions, ModelOptions
from bank_spark_dl.tasks.task import Task


@dataclass(frozen=True)
class NetworkTraining:
    """How a network is trained, whatever the split.

    Attributes:
        task: The kind of target.
        target: What is predicted.
        network: Returns Keras's JSON description of the network for the rows to train on.
        elephas: How it is trained.
        decision: What calls cost and bring, for the threshold `optimal`.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        seed: Of initial weights, shuffling and dropout.
        checkpoint_dir: Where checkpoints go, in a folder for each training; None: nowhere.
        stop_epoch: The last epoch, before the end of the learning rate schedule; None: all.
    """

    task: Task
    target: Target
    network: Callable[[DataFrame], dict[str, Any]]
    elephas: ElephasOptions
    decision: DecisionOptions | None
    prior: float | None
    seed: int
    checkpoint_dir: str | None = None
    stop_epoch: int | None = None

    def of(self, splitter: Splitter) -> Training:
        """Return the training on a split; it predicts what a prediction dataset holds."""
        return Training(self._estimator, splitter, self._predict)

    def _estimator(self, split: Split) -> Any:
        by_rows = row_arguments(split.train, self.target, self.elephas)
        network = self.network(split.train)
        made = self.task.estimator(network, self.elephas, self.prior, self.seed, by_rows)
        made._set(stop_epoch=self.stop_epoch)
        if self.checkpoint_dir is None:
            return made
        return made._set(checkpoint_dir=self.checkpoint_dir, resume=self.elephas.resume)

    def _predict(self, trained: Any, rows: DataFrame) -> DataFrame:
        threshold = self.elephas.threshold
        model = self.task.with_threshold(trained, threshold, self.decision, self.prior)
        return self.task.predictions(model.transform(rows))


def network_for(model: ModelOptions, target: Target, train: DataFrame) -> dict[str, Any]:
    """Return Keras's JSON description of the network that fits feature vectors.

    Args:
        model: Its layers.
        target: What is predicted.
        train: Feature vectors.
    """
    return build_network(vector_size(train), model, embedded_sizes(train), target.outputs)


@dataclass(frozen=True)
class _Baseline:
    """A simpler model as `train_many` fits it.

    Attributes:
        estimator: Spark ML's.
        prior: As in NetworkTraining.
    """

    estimator: Estimator[Any]
    prior: float | None

    def fit(self, train: DataFrame) -> tuple[Any, float]:
        """Return the model, and the factor of its odds."""
        model = fit_baseline(self.estimator, baseline_features(train))
        return model, odds_factor(train, self.prior)


def baseline_training(
    task: Task,
    estimator: Estimator[Any],
    threshold: object,
    prior: float | None,
    splitter: Splitter,
) -> Training:
    """Return the training of a simpler model on a split.

    Args:
        task: The kind of target.
        estimator: Spark ML's.
        threshold: The parameter `elephas.threshold`.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        splitter: Makes the split.
    """
    predict: Callable[..., DataFrame] = partial(_predict_baseline, task, threshold)
    return Training(_Baseline(estimator, prior), splitter, predict)


def _predict_baseline(
    task: Task, threshold: object, fitted: tuple[Any, float], rows: DataFrame
) -> DataFrame:
    model, odds = fitted
    predicted = model.transform(baseline_features(rows))
    return task.predictions(predicted, task.baseline_threshold(threshold), odds)
