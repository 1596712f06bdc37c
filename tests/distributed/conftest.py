import json
from typing import Any

import keras
import numpy as np
import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession

N_FEATURES = 5


def make_network(outputs: int = 2, **final: Any) -> str:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((N_FEATURES,)),
            layers.Dense(8, activity_regularizer=keras.regularizers.L2(0.01)),
            layers.Activation("relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(outputs, activation="sigmoid", **final),
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
def functional_network() -> str:
    inputs = keras.Input((N_FEATURES,))
    hidden = keras.layers.Dense(4, activation="gelu")(inputs)
    joined = keras.layers.Concatenate()([inputs, hidden])
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(joined)).to_json()


def same(first: object, second: object) -> bool:
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
