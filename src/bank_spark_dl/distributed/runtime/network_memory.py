"""Free the memory of networks that nobody uses any more."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RECENT = 1  # generation of Python's collector


def free_networks() -> None:
    """Free the weights of networks that have just been dropped.

    Layers and tensors of a Keras model are a reference cycle: it stays in memory until Python's
    garbage collector finds it. Only recent objects are searched, for TensorFlow has very many.
    """
    gc.collect(RECENT)


@contextmanager
def forgotten_gradients() -> Iterator[None]:
    """Forget the custom gradients that TensorFlow registers while a block traces a network.

    They are needed to trace only, but TensorFlow keeps them for ever, and with each of them the
    whole graph: 17 MB for a network of the tuned profile.
    """
    from tensorflow.python.framework.ops import gradient_registry

    registered = gradient_registry._registry
    before = set(registered)
    try:
        yield
    finally:
        for name in registered.keys() - before:
            if name.startswith("CustomGradient-"):
                del registered[name]
