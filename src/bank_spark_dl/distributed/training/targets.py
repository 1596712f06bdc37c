"""Encode labels in the form that a loss compares with a network's outputs."""

from collections.abc import Sequence

import tensorflow as tf


def targets(
    label: tf.Tensor, loss: str, output_shape: Sequence[int | None], classes: int | None
) -> tf.Tensor:
    """Encode labels in the shape of the outputs; each member of a network has the same.

    Args:
        label: (rows,) float32.
        loss: Name of a Keras loss; a sparse one takes classes as they are.
        output_shape: Of the network, (rows, outputs) or (rows, members, outputs).
        classes: Labels are 0 to classes - 1; None: numbers.

    Returns:
        (rows,) int32 for a sparse loss, else (rows, outputs) float32; with members (rows, members)
        and (rows, members, outputs).
    """
    if classes is not None and "sparse" in loss.lower():
        form = tf.cast(label, tf.int32)
    elif output_shape[-1] == 1:
        form = label[:, tf.newaxis]
    else:
        form = tf.one_hot(tf.cast(label, tf.int32), output_shape[-1])
    members = output_shape[1:-1]
    return tf.repeat(form[:, tf.newaxis], members[0], axis=1) if members else form
