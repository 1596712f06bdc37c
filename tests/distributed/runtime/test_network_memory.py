import gc

import keras
import numpy as np
import tensorflow as tf

from bank_spark_dl.distributed.runtime.network_memory import forgotten_gradients


def graphs() -> int:
    """Graphs of functions that were traced and are still in memory."""
    gc.collect()
    return sum(isinstance(each, tf.__internal__.FuncGraph) for each in gc.get_objects())


def trace() -> None:
    """Compute a gradient of a network whose activation has a gradient of its own."""
    layer = keras.layers.Dense(3, "silu")

    @tf.function
    def step(rows: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(rows))
        return tape.gradient(loss, layer.trainable_variables[0])

    assert np.isfinite(step(np.ones((2, 4), np.float32))).all()


def test_a_network_that_was_trained_leaves_no_graph_in_memory() -> None:
    with forgotten_gradients():
        trace()
    before = graphs()
    for _ in range(3):
        with forgotten_gradients():
            trace()
    assert graphs() == before
    trace()
    assert graphs() > before
