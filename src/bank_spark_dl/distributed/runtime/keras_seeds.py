"""Draw the seeds of Keras's initializers and dropout layers from a generator of the thread.

Without a seed they draw one from Python's module `random`, which all threads share: other users of
it would change a network's initial weights, and training would change their numbers.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from keras.src.random import seed_generator


class _Draws(local):
    """Python's module `random` for Keras, where a thread may have a generator of its own."""

    generator: random.Random | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(random if self.generator is None else self.generator, name)


_DRAWS = _Draws()
seed_generator.python_random = _DRAWS


@contextmanager
def seeds_drawn_from(seed: int) -> Iterator[None]:
    """Let Keras draw this thread's seeds as after `keras.utils.set_random_seed(seed)`."""
    _DRAWS.generator = random.Random(seed)
    try:
        yield
    finally:
        _DRAWS.generator = None
