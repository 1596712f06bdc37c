"""Pure functions from feature vectors to a comparison of numbers of workers."""

import logging
import time
from typing import Any

from plotly.graph_objects import Figure
from pyspark.sql import DataFrame

from bank_spark_dl.ml.evaluation.metrics import evaluate
from bank_spark_dl.ml.models.baselines import prediction_columns
from bank_spark_dl.ml.models.training import elephas_classifier, with_threshold
from bank_spark_dl.parameters import DecisionOptions, ElephasOptions, WorkerSweepOptions
from bank_spark_dl.pipelines.worker_sweep.plot import plot_sweep
from bank_spark_dl.pipelines.worker_sweep.summary import summarize_runs
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
) -> dict[str, Any]:
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

    Returns:
        `runs`, each with `num_workers`, `seed`, `accuracy`, `auc`, `seconds` (of the whole
        training), `rows_per_second` and `weights_sha256`; and `workers`, see summarize_runs.
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
                runs.append(_describe(model, seconds, test, workers, seed + number))
                logger.info("%(num_workers)d workers, seed %(seed)d: %(accuracy).4f", runs[-1])
    return {"runs": runs, "workers": summarize_runs(runs)}


def draw_sweep(worker_sweep: dict[str, Any]) -> Figure:
    """Draw accuracy, AUC, speed and time by number of workers."""
    return plot_sweep(worker_sweep["workers"])


def _train(
    train: DataFrame,
    network: dict[str, Any],
    options: ElephasOptions,
    prior: float | None,
    seed: int,
) -> tuple[Any, float]:
    began = time.perf_counter()
    model = elephas_classifier(network, options, prior, seed).fit(train)
    return model, time.perf_counter() - began


def _describe(
    model: Any, seconds: float, test: DataFrame, num_workers: int, seed: int
) -> dict[str, Any]:
    with persisted(prediction_columns(model.transform(test))) as predictions:
        figures = evaluate(predictions)
    rounds = model.history.rounds
    return {
        "num_workers": num_workers,
        "seed": seed,
        "accuracy": figures["accuracy"],
        "auc": figures["auc"],
        "seconds": seconds,
        "rows_per_second": model.history.training_rows
        * (rounds[-1]["epoch"] + 1)
        / sum(entry["seconds"] for entry in rounds),
        "weights_sha256": model.history.weights_sha256,
    }
