"""Train with several numbers of workers, and compare them."""

import logging
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl import distributed
from bank_spark_dl.distributed.many.splits import Split
from bank_spark_dl.distributed.many.training import TrainingResult
from bank_spark_dl.ml.evaluation.evaluation import Evaluation
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import DecisionOptions, ElephasOptions, WorkerSweepOptions
from bank_spark_dl.pipelines.worker_sweep.summary import (
    FIGURES,
    SweepRun,
    WorkerSweep,
    summarize_runs,
)
from bank_spark_dl.tasks import task_named
from bank_spark_dl.tasks.trainings import NetworkTraining

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

    Trainings with one worker run side by side; one with several has all cores to itself.

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
    task = task_named(target.task)
    evaluation = task.evaluation(target, prior)

    def train(
        settings: list[tuple[int, int]], epochs: int, at_once: int | None
    ) -> list[TrainingResult]:
        """Train for each number of workers and seed."""
        trainings = []
        for workers, run_seed in settings:
            changes = {"num_workers": workers, "epochs": epochs}
            options = elephas.model_copy(update=changes)
            given = (task, target, lambda rows: network, options, decision, prior, run_seed)
            trainings.append(NetworkTraining(*given).of(splitter))
        return distributed.train_many(
            train_features, trainings, parallelism=at_once, progress="rich"
        )

    def splitter(rows: DataFrame) -> Split:
        return Split(rows, test_features)

    wanted = [(workers, seed + n) for n in range(sweep.seeds) for workers in sweep.num_workers]
    # The first training in a session also starts the workers: it is not timed.
    (warm,) = train([(1, seed)], 1, None)
    warm.unpersist()
    alone = [pair for pair in wanted if pair[0] == 1]
    others = [pair for pair in wanted if pair[0] > 1]
    results = train(alone, elephas.epochs, None)
    if others:
        results += train(others, elephas.epochs, 1)
    runs = [_run(result, evaluation) for result in results]
    for result in results:
        result.unpersist()
    by_setting = {(run.num_workers, run.seed): run for run in runs}
    ordered = [by_setting[pair] for pair in wanted]
    for run in ordered:
        measured = ", ".join(f"{name} {figure:.4f}" for name, figure in run.measured())
        logger.info("%d workers, seed %d: %s", run.num_workers, run.seed, measured)
    return summarize_runs(ordered)


def _run(result: TrainingResult, evaluation: Evaluation) -> SweepRun:
    history = result.model.history
    figures = evaluation.evaluate(result.predictions)
    rounds = history.rounds
    trained_rows = history.training_rows * (rounds[-1].epoch + 1)
    return SweepRun(
        num_workers=history.num_workers,
        seed=history.seed,
        seconds=result.seconds,
        rows_per_second=trained_rows / sum(entry.seconds for entry in rounds),
        weights_sha256=history.weights_sha256,
        **{name: getattr(figures, name) for name in FIGURES if hasattr(figures, name)},
    )
