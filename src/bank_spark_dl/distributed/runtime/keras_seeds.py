"""The seeds that Keras draws for itself, from a generator of the thread's own.

Initializers and dropout layers without a seed draw one from Python's module `random`. That is one
for all threads: whatever else draws there, or seeds it, would change a network's first weights, and
training would change other people's numbers.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from keras.src.random import seed_generator


class _Draws(local):
    """Python's module `random`, as Keras sees it: a thread may have a generator of its own."""

    generator: random.Random | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(random if self.generator is None else self.generator, name)


_DRAWS = _Draws()
seed_generator.python_random = _DRAWS


@contextmanager
def seeds_drawn_from(seed: int) -> Iterator[None]:
    """Let Keras draw this thread's seeds as `keras.utils.set_random_seed(seed)` would have it."""
    _DRAWS.generator = random.Random(seed)
    try:
        yield
    finally:
        _DRAWS.generator = None
