"""Spark ML parameters of the classifier: Elephas's own, now type-checked, and the engine's."""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import (
    HasFeaturesCol,
    HasPredictionCol,
    HasProbabilityCol,
    HasRawPredictionCol,
    HasThreshold,
)

Converter = Callable[[Any], Any]


def optional(converter: Converter) -> Converter:
    """Let a converter pass None."""
    return lambda value: None if value is None else converter(value)


def to_mapping(value: Any) -> dict[str, Any]:
    """Accept a mapping with text keys."""
    if not isinstance(value, Mapping):
        raise TypeError(f"Could not convert {value!r} to a mapping")
    return {str(key): item for key, item in value.items()}


def to_class_weights(value: Any) -> dict[str, float]:
    """Accept a mapping from label (0 and 1) to a weight of 0 or more."""
    weights = {str(int(key)): float(weight) for key, weight in to_mapping(value).items()}
    if set(weights) != {"0", "1"} or min(weights.values()) < 0:
        raise TypeError(f"Could not convert {value!r} to weights of the labels 0 and 1")
    return weights


def to_share(value: Any) -> float:
    """Accept a share above 0 and below 1."""
    share = TypeConverters.toFloat(value)
    if not 0 < share < 1:
        raise TypeError(f"{value!r} is no share of rows above 0 and below 1")
    return share


ELEPHAS_CONVERTERS: dict[str, Converter] = {
    "keras_model_config": TypeConverters.toString,
    "mode": TypeConverters.toString,
    "num_workers": TypeConverters.toInt,
    "epochs": TypeConverters.toInt,
    "batch_size": TypeConverters.toInt,
    "validation_split": TypeConverters.toFloat,
    "loss": TypeConverters.toString,
    "metrics": TypeConverters.toListString,
    "optimizer_config": to_mapping,
}

ENGINE_PARAMS: dict[str, tuple[str, Converter]] = {
    "seed": ("decides layout, first weights, shuffles and dropout", TypeConverters.toInt),
    "merge": (
        "optimizer state after a round: reset, average, or keep for each worker",
        TypeConverters.toString,
    ),
    "steps_per_round": (
        "steps between two merges; None is a whole epoch",
        optional(TypeConverters.toInt),
    ),
    "class_weights": ("weight of the loss for labels 0 and 1", optional(to_class_weights)),
    "learning_rate_schedule": (
        "Keras LearningRateSchedule configuration over a worker's steps",
        optional(to_mapping),
    ),
    "early_stopping": ("options monitor, patience, min_delta; None is off", optional(to_mapping)),
    "calibration": (
        "of the probabilities, on the validation rows: none, temperature or platt",
        TypeConverters.toString,
    ),
    "prior": (
        "share of label 1 among the rows that will be scored, (0, 1); None: as in training",
        optional(to_share),
    ),
    "max_shard_mb": (
        "mebibytes of a worker's rows that are mapped into memory; more are read block by block",
        TypeConverters.toFloat,
    ),
    "checkpoint_dir": ("folder on the driver for checkpoints", optional(TypeConverters.toString)),
    "resume": ("go on from the last checkpoint", TypeConverters.toBoolean),
}


DEFAULTS: dict[str, Any] = {
    "featuresCol": "features",
    "labelCol": "label",
    "rowIdCol": "row_id",
    "mode": "synchronous",
    "num_workers": 1,
    "epochs": 25,
    "batch_size": 64,
    "validation_split": 0.1,
    "loss": "binary_crossentropy",
    "metrics": ["acc"],
    "optimizer_config": {"class_name": "adam", "config": {}},
    "seed": 0,
    "merge": "reset",
    "steps_per_round": None,
    "class_weights": None,
    "learning_rate_schedule": None,
    "early_stopping": None,
    "calibration": "none",
    "prior": None,
    "max_shard_mb": 1024.0,
    "checkpoint_dir": None,
    "resume": False,
    "threshold": 0.5,
}


WITHOUT_EFFECT = {
    "categorical": "labels are 0 and 1 and take the form that the network's outputs need.",
    "custom_objects": "a saved model names its layers and holds no code; use Keras's own layers.",
    "frequency": "workers are merged after steps_per_round steps.",
    "nb_classes": "there are two classes.",
    "outputCol": "use rawPredictionCol, probabilityCol and predictionCol.",
    "verbose": "use progress.",
}
"""Elephas's parameters that would do nothing here, and what holds instead."""


def check_types_of_elephas_params(instance: Params) -> None:
    """Give Elephas's parameters, which take anything, their types."""
    for name, converter in ELEPHAS_CONVERTERS.items():
        plain = instance.getParam(name)
        setattr(instance, name, Param(instance, name, plain.doc, converter))
    instance._params = None  # Params caches the list of its parameters


def add_engine_params(instance: Params) -> None:
    """Add the parameters Elephas does not have."""
    for name, (doc, converter) in ENGINE_PARAMS.items():
        setattr(instance, name, Param(instance, name, doc, converter))
    instance._params = None


class ScoringParams(
    HasFeaturesCol, HasRawPredictionCol, HasProbabilityCol, HasPredictionCol, HasThreshold
):
    """Parameters of scoring, which the classifier hands to its model."""

    rowIdCol: Param[str] = Param(  # noqa: N815  named as Spark names columns
        Params._dummy(),
        "rowIdCol",
        "column that identifies a row, of any type",
        TypeConverters.toString,
    )

    def scoring_params(self) -> dict[str, Any]:
        """Return the current values by parameter name."""
        columns = ("featuresCol", "rowIdCol", "rawPredictionCol", "probabilityCol", "predictionCol")
        return {name: self.getOrDefault(name) for name in (*columns, "threshold")}
