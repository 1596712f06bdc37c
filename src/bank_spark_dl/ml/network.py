"""Build the Keras network that the parameters describe."""

import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from bank_spark_dl.distributed import load_keras
from bank_spark_dl.params import LayerOptions, ModelOptions

CLASSES = 2


def build_network(inputs: int, options: ModelOptions) -> dict[str, Any]:
    """Describe the network; initial weights are drawn when training starts, from its seed.

    Args:
        inputs: Length of the features vector.
        options: Hidden layers and the activation of the outputs.

    Returns:
        Keras's own JSON description of a model (rows, inputs) float32 -> (rows, 2) float32.
    """
    keras = load_keras()
    network = keras.Sequential([keras.Input((inputs,), name="features")], name="network")
    for number, layer in enumerate(options.layers, start=1):
        for part in _hidden_layer(f"hidden_{number}", layer):
            network.add(part)
    network.add(keras.layers.Dense(CLASSES, activation=options.output_activation, name="classes"))
    description: dict[str, Any] = json.loads(network.to_json())
    return description


def count_parameters(network: Mapping[str, Any]) -> int:
    """Return the number of weights of a described network, trainable or not."""
    return int(_materialize(network).count_params())


def with_weights(network: Mapping[str, Any], weights: Sequence[Any]) -> Any:
    """Return a described network as an uncompiled Keras model with these weights.

    Args:
        network: Keras's JSON description.
        weights: Arrays float32 in layer order.
    """
    model = _materialize(network)
    model.set_weights(weights)
    return model


def summarize_network(network: Mapping[str, Any]) -> str:
    """Return Keras's summary of a described network."""
    text = StringIO()
    _materialize(network).summary(print_fn=lambda line: text.write(line + "\n"), line_length=78)
    return text.getvalue().rstrip()


def _hidden_layer(name: str, options: LayerOptions) -> list[Any]:
    layers, regularizers = load_keras().layers, load_keras().regularizers
    # As in the article, the activity penalty sees the linear output, before the activation.
    parts = [
        layers.Dense(
            options.units,
            name=name,
            activity_regularizer=regularizers.L2(options.activity_l2)
            if options.activity_l2
            else None,
            kernel_regularizer=regularizers.L2(options.kernel_l2) if options.kernel_l2 else None,
        )
    ]
    if options.batch_normalization:
        parts.append(layers.BatchNormalization(name=f"{name}_normalization"))
    parts.append(layers.Activation(options.activation, name=f"{name}_{options.activation}"))
    if options.dropout:
        parts.append(layers.Dropout(options.dropout, name=f"{name}_dropout"))
    return parts


def _materialize(network: Mapping[str, Any]) -> Any:
    return load_keras().models.model_from_json(json.dumps(network))
