"""Which rows a worker trains on in a round, and in which order."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

CHUNK_ROWS = 65_536
"""Rows copied from the mapped shard at a time while training: bounds a worker's memory."""

SCORED_ROWS = 4_096
"""Rows of one forward pass while validating, whose layers' outputs are all held at once."""


@dataclass(frozen=True)
class RoundPlan:
    """Which of a worker's steps belong to a round, and what to return.

    Attributes:
        batch_size: Rows of a step.
        steps_per_round: Steps between two merges.
        rounds_per_epoch: Merges in an epoch.
        seed: Seed of the training.
        threshold: Probability above which label 1 is predicted.
        keep_optimizer_state: Whether the driver needs the optimizer's state.
    """

    batch_size: int
    steps_per_round: int
    rounds_per_epoch: int
    seed: int
    threshold: float
    keep_optimizer_state: bool


def steps_before(rows: int, round_number: int, plan: RoundPlan) -> int:
    """Count a worker's steps before a round."""
    epoch, part = divmod(round_number, plan.rounds_per_epoch)
    epoch_steps = math.ceil(rows / plan.batch_size)
    return epoch * epoch_steps + min(part * plan.steps_per_round, epoch_steps)


def round_order(
    rows: int, worker: int, round_number: int, plan: RoundPlan
) -> npt.NDArray[np.int64]:
    """List the rows of a round in the order they are trained on.

    Args:
        rows: Training rows of the shard.
        worker: Number of the worker.
        round_number: Number of the round, from 0.
        plan: Steps and seed.

    Returns:
        Row numbers. All rounds of an epoch together hold each row once, in an order that depends
        on seed, epoch and worker only. Empty if the worker has no step left in this epoch.
    """
    epoch, part = divmod(round_number, plan.rounds_per_epoch)
    size = plan.steps_per_round * plan.batch_size
    return epoch_order(rows, plan.seed, epoch, worker)[part * size : (part + 1) * size]


@lru_cache(maxsize=1)
def epoch_order(rows: int, seed: int, epoch: int, worker: int) -> npt.NDArray[np.int64]:
    """Shuffle the rows of a shard for an epoch."""
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, epoch, worker])))
    return generator.permutation(rows)


def chunks(
    rows: npt.NDArray[np.float32],
    order: npt.NDArray[np.int64],
    batch_size: int,
    most: int = CHUNK_ROWS,
) -> Iterator[npt.NDArray[np.float32]]:
    """Copy rows out of a shard, piece by piece.

    Args:
        rows: The shard, (rows, width).
        order: Which rows, in which order.
        batch_size: Each piece but the last holds a multiple of it.
        most: Rows of a piece, unless a batch has more.

    Yields:
        Arrays (at most `most` or one batch, width) float32.
    """
    size = max(most // batch_size, 1) * batch_size
    for first in range(0, len(order), size):
        yield rows[order[first : first + size]]
