"""Train with several numbers of workers, and compare them."""

import logging
import time
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.distributed import TrainingHistory
from bank_spark_dl.ml.models.row_arguments import row_arguments
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DecisionOptions, ElephasOptions, WorkerSweepOptions
from bank_spark_dl.pipelines.worker_sweep.summary import (
    FIGURES,
    SweepRun,
    WorkerSweep,
    summarize_runs,
)
from bank_spark_dl.spark.caching import persisted
from bank_spark_dl.tasks import task_named

logger = logging.getLogger(__name__)


def sweep_workers(
    train_features: DataFrame,
    test_features: DataFrame,
    network: dict[str, Any],
    target: Target,
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
        target: What is predicted.
        elephas: Elephas's settings, but for the number of workers.
        decision: What calls cost and bring, for the threshold `optimal`.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
        sweep: Numbers of workers, and how many seeds.
        seed: The first seed.
    """
    runs = []
    task = task_named(target.task)
    with persisted(train_features) as train, persisted(test_features) as test:
        # The first training in a session also starts the workers: it is not timed.
        _train(target, train, network, elephas.model_copy(update={"epochs": 1}), prior, seed)
        for number in range(sweep.seeds):
            for workers in sweep.num_workers:
                options = elephas.model_copy(update={"num_workers": workers})
                trained, seconds = _train(target, train, network, options, prior, seed + number)
                model = task.with_threshold(trained, options.threshold, decision, prior)
                with persisted(task.predictions(model.transform(test))) as predictions:
                    figures = task.evaluation(target, prior).evaluate(predictions)
                run = _run(model.history, seconds, figures)
                runs.append(run)
                measured = ", ".join(f"{name} {figure:.4f}" for name, figure in run.measured())
                logger.info("%d workers, seed %d: %s", workers, run.seed, measured)
    return summarize_runs(runs)


def _train(
    target: Target,
    train: DataFrame,
    network: dict[str, Any],
    options: ElephasOptions,
    prior: float | None,
    seed: int,
) -> tuple[Any, float]:
    began = time.perf_counter()
    by_rows = row_arguments(train, target, options)
    model = task_named(target.task).estimator(network, options, prior, seed, by_rows).fit(train)
    return model, time.perf_counter() - began


def _run(history: TrainingHistory, seconds: float, figures: Any) -> SweepRun:
    rounds = history.rounds
    trained_rows = history.training_rows * (rounds[-1].epoch + 1)
    return SweepRun(
        num_workers=history.num_workers,
        seed=history.seed,
        seconds=seconds,
        rows_per_second=trained_rows / sum(entry.seconds for entry in rounds),
        weights_sha256=history.weights_sha256,
        **{name: getattr(figures, name) for name in FIGURES if hasattr(figures, name)},
    )
