"""Free the memory of networks that nobody uses any more."""

import gc

RECENT = 1  # generation of Python's collector


def free_networks() -> None:
    """Free the weights of networks that have just been dropped.

    Layers and tensors of a Keras model refer to each other, so that it stays until Python collects
    such circles. Older objects are left alone: TensorFlow has very many.
    """
    gc.collect(RECENT)
