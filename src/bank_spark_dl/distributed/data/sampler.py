"""Sample the rows of each round from a worker's shard, in a shuffled order.

A shard is read in blocks of consecutive rows: each epoch shuffles the blocks, and the rows of each
block. Rows lie in a shard in the order of a hash, so each block is a random sample of it, and only
one block need be in memory. A shard of a single block is shuffled as a whole.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shards import Shard

BLOCK_ROWS = 65_536
"""Rows that are shuffled together: bounds a worker's memory."""

SCORED_ROWS = 4_096
"""Rows of one forward pass in validation: bounds the memory of all layers' outputs."""

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class EpochOrder:
    """The order of a shard's training rows in one epoch.

    Attributes:
        rows: Training rows of the shard.
        seed: Seed of the training.
        epoch: Number of the epoch, from 0.
        worker: Number of the worker.
        block_rows: Rows that are shuffled together.
    """

    rows: int
    seed: int
    epoch: int
    worker: int
    block_rows: int = BLOCK_ROWS

    def pieces(self, first: int, last: int) -> Iterator[npt.NDArray[np.int64]]:
        """List row numbers from one position of the epoch to another, each piece of one block."""
        before = 0
        for position, block in enumerate(block_order(self)):
            rows = self._rows_of(block)
            start, stop = max(first - before, 0), min(last - before, rows)
            if start < stop:
                places = rows_in_block(self, position, rows)[start:stop]
                yield block * self.block_rows + places
            before += rows

    @property
    def blocks(self) -> int:
        """Number of blocks, the last of which may be shorter."""
        return math.ceil(self.rows / self.block_rows)

    def _rows_of(self, block: int) -> int:
        return min(self.block_rows, self.rows - block * self.block_rows)

    def generator(self, stream: int) -> np.random.Generator:
        """Return one of many independent streams of random numbers."""
        seed = np.random.SeedSequence([self.seed, self.epoch, self.worker])
        return np.random.Generator(np.random.Philox(seed).jumped(stream))


@lru_cache(maxsize=1)
def block_order(order: EpochOrder) -> list[int]:
    """Shuffle the blocks of an epoch."""
    drawn: list[int] = order.generator(order.blocks).permutation(order.blocks).tolist()
    return drawn


@lru_cache(maxsize=1)
def rows_in_block(order: EpochOrder, position: int, rows: int) -> npt.NDArray[np.int64]:
    """Shuffle the rows of the block that an epoch takes at a position."""
    return order.generator(position).permutation(rows)


def steps_before(rows: int, round_number: int, plan: TrainingPlan, batch_size: int) -> int:
    """Count the train steps that a worker with so many rows does before a round."""
    epoch, part = divmod(round_number, plan.rounds_per_epoch)
    epoch_steps = math.ceil(rows / batch_size)
    return epoch * epoch_steps + min(part * plan.steps_per_round, epoch_steps)


def rows_in_round(rows: int, round_number: int, plan: TrainingPlan, batch_size: int) -> range:
    """Return the positions of the epoch's order that belong to a round.

    The last round of an epoch takes the rest, see `plan.count_rounds`.

    Args:
        rows: Training rows of the shard.
        round_number: Number of the round, from 0.
        plan: Has the steps of a round.
        batch_size: Rows of a step.
    """
    part, size = round_number % plan.rounds_per_epoch, plan.steps_per_round * batch_size
    last = part == plan.rounds_per_epoch - 1
    return range(min(part * size, rows), rows if last else min((part + 1) * size, rows))


def training_chunks(
    shard: Shard, order: EpochOrder, positions: range, batch_size: int
) -> Iterator[Rows]:
    """Read rows out of a shard in an epoch's order.

    Args:
        shard: Its first rows are the training rows.
        order: Order of these rows.
        positions: Which part of the order.
        batch_size: Each chunk but the last holds a multiple of it.

    Yields:
        Arrays (about a block of rows, width) float32.
    """
    left = np.empty((0, shard.width), dtype=np.float32)
    for piece in order.pieces(positions.start, positions.stop):
        start = piece.min() // order.block_rows * order.block_rows
        block = shard.read(start, min(start + order.block_rows, order.rows))
        rows = np.concatenate([left, block[piece - start]])
        whole = len(rows) // batch_size * batch_size
        left = rows[whole:]
        if whole:
            yield rows[:whole]
    if len(left):
        yield left


def scoring_chunks(shard: Shard, first: int, last: int) -> Iterator[Rows]:
    """Read consecutive rows out of a shard.

    Yields:
        Arrays (at most SCORED_ROWS, width) float32.
    """
    for start in range(first, last, SCORED_ROWS):
        yield shard.read(start, min(start + SCORED_ROWS, last))
