"""Rows and networks for each kind of label: two classes, three classes, numbers."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from bank_spark_dl.distributed import ElephasClassifier, ElephasRegressor
from bank_spark_dl.distributed.config import NetworkConfig
from tests.distributed.conftest import N_FEATURES

SGD = {"class_name": "sgd", "config": {"learning_rate": 0.1}}


@dataclass(frozen=True)
class Kind:
    """A kind of label.

    Attributes:
        label: Column of the frame `labelled`.
        estimator: Trains it.
        outputs: Of the network.
        activation: Of these.
        loss: Name of a Keras loss.
        classes: Number of classes; None: numbers.
    """

    label: str
    estimator: type
    outputs: int
    activation: str
    loss: str
    classes: int | None

    def network(self) -> str:
        """A network without anything random in training."""
        layers = keras.layers
        hidden = layers.Dense(6, activation="tanh")
        last = layers.Dense(self.outputs, activation=self.activation)
        return str(keras.Sequential([keras.Input((N_FEATURES,)), hidden, last]).to_json())

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Parameters of its estimator."""
        return {
            "labelCol": self.label,
            "keras_model_config": self.network(),
            "num_workers": 2,
            "epochs": 2,
            "batch_size": 16,
            "seed": 7,
            "loss": self.loss,
            "optimizer_config": SGD,
        } | changes

    def config(self, **changes: Any) -> NetworkConfig:
        """Configuration of the compiled network."""
        values: dict[str, Any] = {
            "keras_model_config": self.network(),
            "loss": self.loss,
            "metrics": (),
            "optimizer_config": SGD,
            "classes": self.classes,
        }
        return NetworkConfig(**values | changes)

    def targets(self, label: np.ndarray) -> np.ndarray:
        """Labels as plain Keras takes them."""
        return (
            label[:, np.newaxis] if self.outputs == 1 else np.eye(self.outputs)[label.astype(int)]
        )


TWO = Kind("label", ElephasClassifier, 1, "sigmoid", "binary_crossentropy", 2)
MANY = Kind("kind", ElephasClassifier, 3, "softmax", "categorical_crossentropy", 3)
NUMBER = Kind("amount", ElephasRegressor, 1, "linear", "mean_squared_error", None)
KINDS = {"two": TWO, "many": MANY, "number": NUMBER}
