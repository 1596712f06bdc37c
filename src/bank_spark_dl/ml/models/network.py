"""Build the Keras network that the parameters describe."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from io import StringIO
from typing import Any

from bank_spark_dl.distributed import load_keras
from bank_spark_dl.distributed.runtime.network_memory import free_networks
from bank_spark_dl.distributed.runtime.safe_keras import network_from_json
from bank_spark_dl.ml.models.embeddings import embed_inputs
from bank_spark_dl.parameters import LayerOptions, ModelOptions


def build_network(
    inputs: int, options: ModelOptions, embedded: Sequence[int] = (), outputs: int = 2
) -> dict[str, Any]:
    """Describe the network; initial weights are drawn when training starts, from its seed.

    Args:
        inputs: Length of the features vector.
        options: Hidden layers and the activation of the outputs.
        embedded: For each index that the vector begins with, how many values it has: an Embedding
            reads it.
        outputs: One for each class, or one for a number.

    Returns:
        Keras's own JSON description of a model (rows, inputs) float32 -> (rows, outputs) float32,
        or (rows, members, outputs) with several members.
    """
    description: dict[str, Any] = json.loads(_build(inputs, options, embedded, outputs).to_json())
    free_networks()
    return description


def _build(inputs: int, options: ModelOptions, embedded: Sequence[int], outputs: int) -> Any:
    keras = load_keras()
    features = keras.Input((inputs,), name="features")
    joined = embed_inputs(features, embedded) if embedded else features
    width = joined.shape[-1]
    alone = options.members == 1
    parts = list(_one_network(options, outputs) if alone else _members(width, options, outputs))
    if embedded:
        last = reduce(lambda tensor, part: part(tensor), parts, joined)
        return keras.Model(features, last, name="network")
    return keras.Sequential([features, *parts], name="network")


def summarize_network(network: Mapping[str, Any]) -> str:
    """Return Keras's summary of a described network."""
    text = StringIO()
    materialize(network).summary(print_fn=lambda line: text.write(line + "\n"), line_length=78)
    free_networks()
    return text.getvalue().rstrip()


def _one_network(options: ModelOptions, outputs: int) -> Iterator[Any]:
    layers = load_keras().layers
    for number, layer in enumerate(options.layers, start=1):
        name = f"hidden_{number}"
        # As in the article, the activity penalty sees the linear output, before the activation.
        yield layers.Dense(
            layer.units,
            kernel_regularizer=_l2(layer.kernel_l2),
            activity_regularizer=_l2(layer.activity_l2),
            name=name,
        )
        yield from _after_linear(name, layer)
    yield layers.Dense(outputs, activation=options.output_activation, name=_last(outputs))


def _members(inputs: int, options: ModelOptions, outputs: int) -> Iterator[Any]:
    """Make the layers of several networks that differ by vectors around shared matrices.

    A linear layer of member k is `((x * r_k) @ W) * s_k + b_k` (Wen, Tran and Ba, BatchEnsemble,
    2020; Gorishniy, Kotelnikov and Babenko, TabM, 2024). Only the first `r` is drawn at random, all
    others and `s` start at 1, so that members differ in how they look at the inputs. Dropout sets
    the same outputs of all members to 0.
    """
    keras = load_keras()
    layers, members, width = keras.layers, options.members, inputs
    yield layers.RepeatVector(members, name="members")
    for number, layer in enumerate(options.layers, start=1):
        name = f"hidden_{number}"
        initializer = keras.initializers.RandomNormal(stddev=1.0) if number == 1 else "ones"
        yield layers.EinsumDense(
            "bkd,kd->bkd", (members, width), kernel_initializer=initializer, name=f"{name}_in"
        )
        yield layers.Dense(
            layer.units,
            use_bias=False,
            kernel_initializer="he_uniform",
            kernel_regularizer=_l2(layer.kernel_l2),
            name=name,
        )
        width = layer.units
        yield layers.EinsumDense(
            "bkd,kd->bkd",
            (members, width),
            bias_axes="kd",
            kernel_initializer="ones",
            activity_regularizer=_l2(layer.activity_l2),
            name=f"{name}_out",
        )
        # Random numbers of its own for each member would take a third of the training's time.
        yield from _after_linear(name, layer, noise_shape=(None, 1, width))
    yield layers.EinsumDense(
        "bkd,kdo->bko",
        (members, outputs),
        bias_axes="ko",
        activation=options.output_activation,
        name=_last(outputs),
    )


def _last(outputs: int) -> str:
    return "classes" if outputs > 1 else "number"


def _l2(strength: float) -> Any:
    return load_keras().regularizers.L2(strength) if strength else None


def _after_linear(
    name: str, options: LayerOptions, noise_shape: tuple[int | None, ...] | None = None
) -> Iterator[Any]:
    layers = load_keras().layers
    if options.batch_normalization:
        yield layers.BatchNormalization(name=f"{name}_normalization")
    yield layers.Activation(options.activation, name=f"{name}_{options.activation}")
    if options.dropout:
        yield layers.Dropout(options.dropout, noise_shape, name=f"{name}_dropout")


def materialize(network: Mapping[str, Any]) -> Any:
    """Return a described network as a Keras model."""
    return network_from_json(json.dumps(network))
