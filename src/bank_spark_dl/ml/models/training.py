"""Turn the parameters `elephas` into arguments of the engine's estimators."""

import json
import math
from collections.abc import Mapping
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import FEATURES, LABEL_INDEX, ROW_ID
from bank_spark_dl.ml.evaluation.decision import call_curve
from bank_spark_dl.parameters import (
    DecisionOptions,
    ElephasOptions,
    OptimizerOptions,
    ScheduleOptions,
)

RATES = ("learning_rate", "initial_learning_rate", "warmup_target", "end_learning_rate", "values")
"""Arguments of Keras's optimizers and schedules that are learning rates."""
JUST_BELOW = 1e-12
"""Less than the distance of two probabilities, more than a rounding error."""


def training_arguments(
    network: dict[str, Any], options: ElephasOptions, seed: int, by_rows: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what every estimator of the engine takes; see tasks.Task.estimator."""
    stopping, schedule = options.early_stopping, options.learning_rate_schedule
    factor = rate_factor(options)
    return {
        "featuresCol": FEATURES,
        "labelCol": LABEL_INDEX,
        "rowIdCol": ROW_ID,
        "keras_model_config": json.dumps(network),
        "mode": options.mode,
        "num_workers": options.num_workers,
        "epochs": options.epochs,
        "batch_size": batch_size(options),
        "validation_split": options.validation_split,
        "loss": options.loss,
        "metrics": options.metrics,
        "optimizer_config": keras_config(options.optimizer, factor),
        "seed": seed,
        "merge": options.merge,
        "steps_per_round": steps_per_round(options),
        "max_shard_mb": options.max_shard_mb,
        "learning_rate_schedule": schedule and keras_config(schedule, factor),
        "early_stopping": stopping and stopping.model_dump(),
        "progress": "rich",
        **by_rows,
    }


def binary_arguments(options: ElephasOptions, prior: float | None) -> dict[str, Any]:
    """Return what the estimator of two classes takes besides."""
    return {
        "calibration": options.calibration,
        "prior": prior,
        "threshold": 0.5 if options.threshold == "optimal" else options.threshold,
    }


def batch_size(options: ElephasOptions) -> int:
    """Return the rows of a worker's train step: its share of a shared batch, rounded up."""
    if not options.batch_shared:
        return options.batch_size
    return math.ceil(options.batch_size / options.num_workers)


def rate_factor(options: ElephasOptions) -> float:
    """Return the factor of the learning rates where workers share a batch.

    The gradient of a share is noisier than the batch's, and an adaptive optimizer divides by that
    noise: each worker's steps shrink with the square root of the workers' number, and their mean
    with them (the square-root rule of Malladi et al., 2022, "On the SDEs and Scaling Rules for
    Adaptive Gradient Algorithms", read backwards). Plain SGD divides by nothing.
    """
    adaptive = options.optimizer.name != "sgd"
    return math.sqrt(options.num_workers) if options.batch_shared and adaptive else 1.0


def steps_per_round(options: ElephasOptions) -> int | None:
    """Return the train steps of a round; None, a whole epoch, for one worker that is not reset."""
    alone = options.num_workers == 1 and options.merge != "reset"
    return None if alone else options.steps_per_round


def optimal_threshold(model: Any, decision: DecisionOptions, prior: float | None) -> float:
    """Find the most profitable threshold on the validation rows.

    Args:
        model: An `ElephasClassificationModel` that was trained just now.
        decision: Cost of a call, value of a deposit, budget.
        prior: Share of yes among the people to be called; None: as in the validation rows.

    Returns:
        A threshold of the model's calibrated probabilities, [0, 1].
    """
    curve = call_curve(model.validation_bins.astype(float), decision, prior)
    cutoff = float(curve.cutoffs[curve.best])
    # People are called from their threshold on, classes are predicted above theirs.
    return 1.0 if cutoff > 1.0 else float(model.calibrated_probability(cutoff)) - JUST_BELOW


def with_threshold(
    model: Any, threshold: object, decision: DecisionOptions | None, prior: float | None
) -> Any:
    """Return a trained model with the threshold that the parameters ask for.

    Args:
        model: An `ElephasClassificationModel` that was trained just now.
        threshold: A number, which the model has already, or `optimal`, the most profitable one.
        decision: What calls cost and bring; not needed for a number.
        prior: Share of positives among the rows that will be scored; None: as in the train rows.
    """
    if threshold != "optimal" or decision is None:
        return model
    return model.copy({model.threshold: optimal_threshold(model, decision, prior)})


def baseline_threshold(threshold: object) -> float:
    """Return the threshold of models that are not the network.

    Args:
        threshold: A number, which holds for every model, or `optimal`, the network's own.
    """
    return threshold if isinstance(threshold, float) else 0.5


def keras_config(options: OptimizerOptions | ScheduleOptions, factor: float) -> dict[str, Any]:
    """Return the Keras configuration of an optimizer or a schedule.

    Args:
        options: Its name and arguments; one that is None keeps Keras's default.
        factor: Multiplies its learning rates.
    """
    arguments = options.model_dump(exclude={"name"}, exclude_none=True)
    for key in arguments.keys() & RATES:
        rate = arguments[key]
        scaled = [part * factor for part in rate] if isinstance(rate, list) else rate * factor
        arguments[key] = scaled
    return {"class_name": options.name, "config": arguments}


def checkpoint_folder(options: ElephasOptions, data_root: str) -> str | None:
    """Choose where a training keeps its last finished round.

    Args:
        options: Elephas's settings.
        data_root: Where results lie.

    Returns:
        A path or a URI; None if none is named and results lie elsewhere.

    Raises:
        ParameterError: The training is to be resumed, but there is no such folder.
    """
    if options.checkpoint_dir is not None:
        return options.checkpoint_dir
    if "://" not in data_root:
        return f"{data_root}/06_models/checkpoint"
    if options.resume:
        raise ParameterError(
            f"elephas.resume is true, but data_root is {data_root}, where no checkpoint is kept: "
            "set elephas.checkpoint_dir to a folder, for this run and the "
            "next."
        )
    return None
