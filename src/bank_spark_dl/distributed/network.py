"""The description of a compiled network as plain values."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import keras


@dataclass(frozen=True)
class NetworkSpec:
    """Everything a process needs to compile the network. Hashable: it is the cache's key.

    Attributes:
        keras_model_config: Network as Keras JSON.
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.
        optimizer_config: Keras optimizer configuration as JSON.
        learning_rate_schedule: Keras schedule configuration as JSON, or None.
        class_weights: Weight of the loss for labels 0 and 1, or None.
        batch_size: Rows of a step.
    """

    keras_model_config: str
    loss: str
    metrics: tuple[str, ...]
    optimizer_config: str
    learning_rate_schedule: str | None
    class_weights: tuple[float, float] | None
    batch_size: int

    def fingerprint(self) -> dict[str, Any]:
        """Return the spec as plain JSON values, to compare two trainings."""
        record: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return record


def build_network(spec: NetworkSpec) -> Any:
    """Build and compile the Keras model a spec describes, with fresh weights."""
    model = keras.models.model_from_json(spec.keras_model_config)
    optimizer = keras.optimizers.get(json.loads(spec.optimizer_config))
    model.compile(optimizer=optimizer, loss=spec.loss, metrics=list(spec.metrics))
    optimizer.build(model.trainable_variables)
    return model


def first_network(spec: NetworkSpec, seed: int) -> Any:
    """Build the network with the weights a seed stands for."""
    keras.utils.set_random_seed(seed)
    return build_network(spec)
