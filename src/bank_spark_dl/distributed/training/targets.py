"""Encode labels in the form that a loss compares with a network's outputs."""

from collections.abc import Sequence

import tensorflow as tf


def targets(label: tf.Tensor, loss: str, output_shape: Sequence[int | None]) -> tf.Tensor:
    """Encode labels in the shape of the outputs; each member of a network has the same.

    Args:
        label: 0 or 1, (rows,) int32.
        loss: Name of a Keras loss; a sparse one takes labels as they are.
        output_shape: Of the network, (rows, 1 or 2) or (rows, members, 1 or 2).

    Returns:
        (rows,) int32 for a sparse loss, else (rows, 1 or 2) float32; with members
        (rows, members) and (rows, members, 1 or 2).
    """
    if "sparse" in loss.lower():
        form = label
    elif output_shape[-1] == 1:
        form = tf.cast(label, tf.float32)[:, tf.newaxis]
    else:
        form = tf.one_hot(label, 2)
    members = output_shape[1:-1]
    return tf.repeat(form[:, tf.newaxis], members[0], axis=1) if members else form
