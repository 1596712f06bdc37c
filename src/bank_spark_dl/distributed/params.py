"""Spark ML parameters of the classifier: Elephas's own, now type-checked, and the engine's."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from pyspark.ml.param import Param, Params
from pyspark.ml.param.shared import (
    HasFeaturesCol,
    HasPredictionCol,
    HasProbabilityCol,
    HasRawPredictionCol,
    HasThreshold,
)

from bank_spark_dl.distributed.converters import (
    Converter,
    optional,
    to_class_weights,
    to_description,
    to_flag,
    to_mapping,
    to_number,
    to_share,
    to_text,
    to_texts,
    to_whole,
)
from bank_spark_dl.errors import ParameterError

PLAIN_CONVERTERS: dict[str, Converter] = {
    "featuresCol": to_text,
    "labelCol": to_text,
    "rowIdCol": to_text,
    "rawPredictionCol": to_text,
    "probabilityCol": to_text,
    "predictionCol": to_text,
    "threshold": to_number,
    "keras_model_config": to_description,
    "mode": to_text,
    "num_workers": to_whole,
    "epochs": to_whole,
    "batch_size": to_whole,
    "validation_split": to_number,
    "loss": to_text,
    "metrics": to_texts,
    "optimizer_config": to_mapping,
}

ENGINE_PARAMS: dict[str, tuple[str, Converter]] = {
    "seed": ("decides layout, first weights, shuffles and dropout", to_whole),
    "merge": (
        "optimizer state after a round: reset, average, or keep for each worker",
        to_text,
    ),
    "steps_per_round": (
        "steps between two merges; None is a whole epoch",
        optional(to_whole),
    ),
    "class_weights": ("weight of the loss for labels 0 and 1", optional(to_class_weights)),
    "learning_rate_schedule": (
        "Keras LearningRateSchedule configuration over a worker's steps",
        optional(to_mapping),
    ),
    "early_stopping": ("options monitor, patience, min_delta; None is off", optional(to_mapping)),
    "calibration": (
        "of the probabilities, on the validation rows: none, temperature or platt",
        to_text,
    ),
    "prior": (
        "share of label 1 among the rows that will be scored, (0, 1); None: as in training",
        optional(to_share),
    ),
    "max_shard_mb": (
        "mebibytes of a worker's rows that are mapped into memory; more are read block by block",
        to_number,
    ),
    "checkpoint_dir": ("folder on the driver for checkpoints", optional(to_text)),
    "resume": ("go on from the last checkpoint", to_flag),
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


def check_types_of_plain_params(instance: Params) -> None:
    """Give Elephas's parameters, which take anything, their types, and Spark's their messages."""
    for name, converter in PLAIN_CONVERTERS.items():
        plain = instance.getParam(name)
        setattr(instance, name, Param(instance, name, plain.doc, converter))
    instance._params = None  # Params caches the list of its parameters


def add_engine_params(instance: Params) -> None:
    """Add the parameters Elephas does not have."""
    for name, (doc, converter) in ENGINE_PARAMS.items():
        setattr(instance, name, Param(instance, name, doc, converter))
    instance._params = None


def check_scoring_value(name: str, value: Any) -> None:
    """Refuse a value that a parameter of scoring does not take: Spark's `copy` asks no converter.

    Raises:
        ParameterError: It is of another type or out of range.
    """
    try:
        taken = PLAIN_CONVERTERS.get(name, lambda given: given)(value)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} {error}.") from error
    if name == "threshold" and not 0 <= taken <= 1:
        raise ParameterError(f"threshold must be at least 0 and at most 1, but is {taken!r}.")


def refuse_columns_that_meet(columns: Mapping[str, str]) -> None:
    """Refuse one name for two columns of which one would be added.

    Args:
        columns: For each parameter that names a column, the name.

    Raises:
        ParameterError: Two are the same, and scoring would fail.
    """
    for (one, name), (other, same) in combinations(columns.items(), 2):
        if name == same and not {one, other} <= {"featuresCol", "labelCol", "rowIdCol"}:
            raise ParameterError(f"{one} and {other} are both {name!r}: rename one.")


class ScoringParams(
    HasFeaturesCol, HasRawPredictionCol, HasProbabilityCol, HasPredictionCol, HasThreshold
):
    """Parameters of scoring, which the classifier hands to its model."""

    rowIdCol: Param[str] = Param(  # noqa: N815  named as Spark names columns
        Params._dummy(), "rowIdCol", "column that identifies a row, of any type", to_text
    )

    def scoring_params(self) -> dict[str, Any]:
        """Return the current values by parameter name."""
        columns = ("featuresCol", "rowIdCol", "rawPredictionCol", "probabilityCol", "predictionCol")
        return {name: self.getOrDefault(name) for name in (*columns, "threshold")}
