"""What a fit says when it cannot be."""

import json
from typing import Any

import keras
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import ElephasClassifier
from bank_spark_dl.errors import UserError
from tests.distributed.conftest import N_FEATURES

layers = keras.layers


def refusal(frame: DataFrame, settings: dict[str, Any], **changes: Any) -> str:
    """The sentence for the user; of a traceback its beginning, and of a fit that it happened."""
    try:
        ElephasClassifier(**settings | changes).fit(frame)
    except UserError as error:
        return str(error)
    except Exception as error:
        return f"Traceback: {type(error).__name__}: {str(error)[:200]}"
    return "fitted"


def unreadable(frame: DataFrame) -> DataFrame:
    """The frame such that reading a row of it fails: what is said is said before that."""
    return frame.withColumn("label", sf.raise_error(sf.lit("a row was read")).cast("double"))


def chain(*parts: Any, inputs: tuple[int, ...] = (N_FEATURES,)) -> str:
    return str(keras.Sequential([keras.Input(inputs), *parts]).to_json())


def sigmoid(units: int = 1) -> Any:
    return layers.Dense(units, activation="sigmoid")


def keras_2() -> str:
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, N_FEATURES]}}
    config = {"name": "old", "layers": [first]}
    return json.dumps({"class_name": "Sequential", "config": config, "keras_version": "2.15.0"})
