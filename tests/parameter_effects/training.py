"""Parameters of the network and its training.

What a training does with the settings of its estimator is shown by the engine's own tests; here,
that each parameter reaches the estimator, and by a few trainings that it gets further.
"""

import json
from typing import Any

import keras
import numpy as np

from bank_spark_dl.ml.models.network import build_network
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.models.training import checkpoint_folder
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.modeling.nodes import choose_threshold, train_network
from bank_spark_dl.pipelines.worker_sweep.nodes import sweep_workers
from bank_spark_dl.tasks import task_named
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import TARGET, Table

INPUTS = 30


def network(_: Table, p: Parameters) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.models.model_from_json(json.dumps(build_network(5, p.model)))
    outputs = model(np.ones((4, 5), "float32"), training=True).numpy().tolist()
    return outputs, float(sum(model.losses)), model.count_params()


def estimator(_: Table, p: Parameters) -> Any:
    """The settings that the engine's estimator gets."""
    given = task_named("binary").estimator({}, p.elephas, p.data.prior, p.seed).extractParamMap()
    return {param.name: value for param, value in given.items()}


def checkpoints(_: Table, p: Parameters) -> str | None:
    return checkpoint_folder(p.elephas, "data")


def history(table: Table, p: Parameters) -> TrainingRecord:
    rows, designed = table.training_rows(p), build_network(INPUTS, p.model)
    options, prior = p.elephas, p.data.prior
    model = train_network(rows, designed, TARGET, options, prior, p.seed, str(table.folder))
    return choose_threshold(model, TARGET, options.threshold, p.reporting.decision, prior)[1]


def weights(table: Table, p: Parameters) -> str:
    return history(table, p).weights_sha256


def best_round(table: Table, p: Parameters) -> int:
    return history(table, p).best_round


def rounds(table: Table, p: Parameters) -> int:
    return len(history(table, p).rounds)


def threshold(table: Table, p: Parameters) -> float:
    return history(table, p).threshold


def trained_twice(table: Table, p: Parameters) -> bool:
    """Whether workers trained the second time too."""
    first, second = (history(table, p).rounds[0].seconds for _ in range(2))
    return first != second


def sweep(table: Table, p: Parameters) -> Any:
    rows, designed = table.training_rows(p), build_network(INPUTS, p.model)
    short = p.elephas.model_copy(update={"epochs": 1})
    answer = sweep_workers(rows, rows, designed, TARGET, short, None, None, p.worker_sweep, p.seed)
    return [(run.num_workers, run.seed) for run in answer.runs]


TWO_WORKERS = {"elephas.num_workers": 2}
# A rate that makes the second round worse than the first.
STOPPING = {"elephas.optimizer.learning_rate": 0.5, "elephas.epochs": 4}

EFFECTS = {
    "model.members": Effect(network, 3),
    "model.layers.units": Effect(network, 9),
    "model.layers.activation": Effect(network, "tanh"),
    "model.layers.dropout": Effect(network, 0.9),
    "model.layers.activity_l2": Effect(network, 0.5),
    "model.layers.kernel_l2": Effect(network, 0.5),
    "model.layers.batch_normalization": Effect(network, True),
    "model.output_activation": Effect(network, "softmax"),
    "elephas.num_workers": Effect(weights, 2),
    "elephas.epochs": Effect(weights, 1),
    "elephas.batch_size": Effect(weights, 32),
    "elephas.batch_shared": Effect(estimator, True, TWO_WORKERS),
    "elephas.validation_split": Effect(weights, 0.3),
    "elephas.loss": Effect(estimator, "mean_squared_error"),
    "elephas.metrics": Effect(estimator, ["mse"]),
    "elephas.optimizer.name": Effect(estimator, "sgd"),
    "elephas.optimizer.learning_rate": Effect(weights, 0.001),
    "elephas.merge": Effect(weights, "keep"),
    "elephas.steps_per_round": Effect(estimator, 2, TWO_WORKERS),
    "elephas.max_shard_mb": Effect(estimator, 0.001),
    "elephas.learning_rate_schedule": Effect(estimator, {"name": "CosineDecay"}),
    "elephas.class_weights.negative": Effect(weights, 2.0),
    "elephas.class_weights.positive": Effect(weights, 2.0),
    "elephas.early_stopping.monitor": Effect(best_round, "loss", STOPPING),
    "elephas.early_stopping.patience": Effect(rounds, 0, STOPPING),
    "elephas.early_stopping.min_delta": Effect(best_round, 100.0, {"elephas.epochs": 4}),
    "elephas.calibration": Effect(estimator, "none"),
    "elephas.threshold": Effect(threshold, "optimal"),
    "elephas.checkpoint_dir": Effect(checkpoints, "elsewhere"),
    "elephas.resume": Effect(trained_twice, True),
    "worker_sweep.num_workers": Effect(sweep, [1, 2]),
    "worker_sweep.seeds": Effect(sweep, 3),
}
