import json
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

N_FEATURES = 5


def make_network(outputs: int = 2, activation: str = "sigmoid", **final: Any) -> str:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((N_FEATURES,)),
            layers.Dense(8, activity_regularizer=keras.regularizers.L2(0.01)),
            layers.Activation("relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(outputs, activation, **final),
        ]
    ).to_json()


def make_rows(number: int, seed: int = 0) -> list[tuple[str, float, list[float]]]:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(number, N_FEATURES)).astype(np.float32)
    labels = (features[:, 0] + 0.3 * generator.normal(size=number) > 0).astype(float)
    return [(f"id-{n}", float(labels[n]), features[n].tolist()) for n in range(number)]


@pytest.fixture(scope="session")
def network() -> str:
    return make_network()


@pytest.fixture(scope="session")
def settings(network: str) -> dict[str, Any]:
    return {
        "labelCol": "label",
        "keras_model_config": network,
        "num_workers": 2,
        "epochs": 3,
        "batch_size": 16,
        "seed": 7,
        "optimizer_config": {"class_name": "adam", "config": {"learning_rate": 0.01}},
    }


@pytest.fixture(scope="session")
def frame(spark: SparkSession) -> DataFrame:
    rows = [(i, label, Vectors.dense(values)) for i, label, values in make_rows(300)]
    return spark.createDataFrame(rows, ["row_id", "label", "features"]).cache()


@pytest.fixture(scope="session")
def labelled(frame: DataFrame) -> DataFrame:
    """The frame with labels of three classes and numbers, and weights, some of them 0."""
    values = vector_to_array("features")
    first, second = values[0], values[1]
    number = sf.regexp_extract("row_id", r"\d+", 0).cast("int")
    return frame.select(
        "*",
        sf.when(first > 0.4, 2.0).when(second > 0, 1.0).otherwise(0.0).alias("kind"),
        (1000 + 50 * first + 10 * second * second).alias("amount"),
        (number % 4).cast("double").alias("weight"),
    ).cache()


@pytest.fixture(scope="session")
def functional_network() -> str:
    inputs = keras.Input((N_FEATURES,))
    hidden = keras.layers.Dense(4, activation="gelu")(inputs)
    joined = keras.layers.Concatenate()([inputs, hidden])
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(joined)).to_json()


def same(first: object, second: object) -> bool:
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
