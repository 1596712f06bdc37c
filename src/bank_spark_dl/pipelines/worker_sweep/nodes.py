"""Train with several numbers of workers, and compare them."""

import logging
import time
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.metrics import evaluate
from bank_spark_dl.ml.models.baselines import prediction_columns
from bank_spark_dl.ml.models.training import (
    elephas_classifier,
    validation_column,
    with_threshold,
)
from bank_spark_dl.parameters import DecisionOptions, ElephasOptions, WorkerSweepOptions
from bank_spark_dl.pipelines.worker_sweep.summary import SweepRun, WorkerSweep, summarize_runs
from bank_spark_dl.spark.caching import persisted

logger = logging.getLogger(__name__)


def sweep_workers(
    train_features: DataFrame,
    test_features: DataFrame,
    network: dict[str, Any],
    elephas: ElephasOptions,
    decision: DecisionOptions | None,
    prior: float | None,
    sweep: WorkerSweepOptions,
    seed: int,
) -> WorkerSweep:
    """Train once for each number of workers and seed, and measure on the test rows.

    Args:
        train_features: Feature vectors of the train rows.
        test_features: Feature vectors of the test rows.
        network: Keras's JSON description.
        elephas: Elephas's settings, but for the number of workers.
        decision: What calls cost and bring, for the threshold `optimal`.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        sweep: Numbers of workers, and how many seeds.
        seed: The first seed.
    """
    runs = []
    with persisted(train_features) as train, persisted(test_features) as test:
        # The first training in a session also starts the workers: it is not timed.
        _train(train, network, elephas.model_copy(update={"epochs": 1}), prior, seed)
        for number in range(sweep.seeds):
            for workers in sweep.num_workers:
                options = elephas.model_copy(update={"num_workers": workers})
                trained, seconds = _train(train, network, options, prior, seed + number)
                model = with_threshold(trained, options.threshold, decision, prior)
                run = _measure(model, seconds, test)
                runs.append(run)
                logger.info("%d workers, seed %d: accuracy %.4f", workers, run.seed, run.accuracy)
    return summarize_runs(runs)


def _train(
    train: DataFrame,
    network: dict[str, Any],
    options: ElephasOptions,
    prior: float | None,
    seed: int,
) -> tuple[Any, float]:
    began = time.perf_counter()
    marks = validation_column(train, options.validation_split)
    model = elephas_classifier(network, options, prior, seed, marks).fit(train)
    return model, time.perf_counter() - began


def _measure(model: Any, seconds: float, test: DataFrame) -> SweepRun:
    with persisted(prediction_columns(model.transform(test))) as predictions:
        figures = evaluate(predictions)
    history = model.history
    rounds = history.rounds
    trained_rows = history.training_rows * (rounds[-1].epoch + 1)
    return SweepRun(
        num_workers=history.num_workers,
        seed=history.seed,
        accuracy=figures.accuracy,
        auc=figures.auc,
        seconds=seconds,
        rows_per_second=trained_rows / sum(entry.seconds for entry in rounds),
        weights_sha256=history.weights_sha256,
    )
