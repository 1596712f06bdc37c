"""Build a trained network as a Keras model that states what the engine's model does."""

from collections.abc import Mapping, Sequence
from typing import Any

from bank_spark_dl.distributed import load_keras
from bank_spark_dl.distributed.inference.calibration import Calibration
from bank_spark_dl.distributed.inference.probability import LEAST_NEGATIVE, LEAST_POSITIVE
from bank_spark_dl.ml.models.network import materialize


def with_weights(
    network: Mapping[str, Any],
    weights: Sequence[Any],
    calibration: Calibration,
    prior_shift: float = 0.0,
) -> Any:
    """Return a network of two classes as an uncompiled Keras model.

    Args:
        network: Keras's JSON description.
        weights: Arrays float32 in layer order.
        calibration: Of its probabilities.
        prior_shift: Added to the calibrated log odds.

    Returns:
        (rows, inputs) float32 -> (rows, 2) float32, the probabilities of the two classes.
    """
    model, outputs = _trained(network, weights)
    ops = load_keras().ops
    negative, positive = _shares(outputs)
    line = calibration.shifted(prior_shift)
    if not line.is_identity:
        known = (ops.clip(share, line.clip, 1 - line.clip) for share in (negative, positive))
        least = (LEAST_NEGATIVE, LEAST_POSITIVE)
        logs = [ops.log(ops.maximum(p, low)) for p, low in zip(known, least, strict=True)]
        odds = (logs[1] - logs[0]) * line.slope + line.intercept
        negative, positive = ops.sigmoid(-odds), ops.sigmoid(odds)
    return load_keras().Model(model.inputs, ops.stack([negative, positive], axis=-1))


def keras_classifier(
    network: Mapping[str, Any], weights: Sequence[Any], calibration: Calibration
) -> Any:
    """Return a network of more than two classes as an uncompiled Keras model.

    Args:
        network: Keras's JSON description.
        weights: Arrays float32 in layer order.
        calibration: Of its probabilities: none, or a temperature.

    Returns:
        (rows, inputs) float32 -> (rows, classes) float32, the probabilities.
    """
    model, outputs = _trained(network, weights)
    ops = load_keras().ops
    total = ops.sum(outputs, axis=-1, keepdims=True)
    divisor = ops.where(ops.equal(total, 0), 1.0, total)
    shares = ops.where(ops.equal(total, 0), 1.0 / outputs.shape[-1], outputs / divisor)
    if len(shares.shape) > 2:
        shares = ops.mean(shares, axis=1)
    if not calibration.is_identity:
        logs = ops.log(ops.maximum(shares, LEAST_POSITIVE))
        shares = ops.softmax(logs * calibration.slope, axis=-1)
    return load_keras().Model(model.inputs, shares)


def keras_regressor(
    network: Mapping[str, Any], weights: Sequence[Any], label_mean: float, label_scale: float
) -> Any:
    """Return a network of one number as an uncompiled Keras model.

    Args:
        network: Keras's JSON description.
        weights: Arrays float32 in layer order.
        label_mean: Added to the scaled output.
        label_scale: Multiplies the output.

    Returns:
        (rows, inputs) float32 -> (rows, 1) float32, in the label's units.
    """
    model, outputs = _trained(network, weights)
    ops = load_keras().ops
    if len(outputs.shape) > 2:
        outputs = ops.mean(outputs, axis=1)
    return load_keras().Model(model.inputs, outputs * label_scale + label_mean)


def _trained(network: Mapping[str, Any], weights: Sequence[Any]) -> tuple[Any, Any]:
    model = materialize(network)
    model.set_weights(weights)
    return model, model(model.inputs[0])


def _shares(outputs: Any) -> tuple[Any, Any]:
    """Turn a network's outputs into the classes' probabilities, as distributed.inference does.

    Both are computed: float32 cannot hold 1 - p for a p near 1.
    """
    ops = load_keras().ops
    if outputs.shape[-1] == 1:
        negative, positive = 1 - outputs[..., 0], outputs[..., 0]
    else:
        total = ops.sum(outputs, axis=-1)
        nothing = ops.equal(total, 0)
        divisor = ops.where(nothing, 1.0, total)
        negative, positive = (ops.where(nothing, 0.5, outputs[..., k] / divisor) for k in (0, 1))
    if len(outputs.shape) > 2:
        negative, positive = (ops.mean(share, axis=1) for share in (negative, positive))
    return negative, positive
