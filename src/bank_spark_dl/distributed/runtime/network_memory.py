"""Free the memory of networks that nobody uses any more."""

import gc

RECENT = 1  # generation of Python's collector


def free_networks() -> None:
    """Free the weights of networks that have just been dropped.

    Layers and tensors of a Keras model are a reference cycle: it stays in memory until Python's
    garbage collector finds it. Only recent objects are searched, for TensorFlow has very many.
    """
    gc.collect(RECENT)
