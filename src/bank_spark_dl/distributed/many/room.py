"""Bound how many splits lie on the executors' disks at a time."""

import logging
from threading import Condition, Lock

from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import MIB

logger = logging.getLogger(__name__)


class Room:
    """How many splits may lie on the executors' disks at a time.

    It is one until the shards of the first split tell how many fit, or a training has ended that
    has no shards. Trainings must begin in the order of their splits: else one that waits for room
    could keep those from beginning after which there is some.

    Attributes:
        most: Splits at a time where the disks are large enough.
        preparing: Held while a split is prepared: meanwhile settings of the Spark session change,
            which decide the partitions of other splits.
    """

    def __init__(self, most: int) -> None:
        """Begin with room for one split."""
        self.most = most
        self.preparing = Lock()
        self._allowed: int | None = None
        self._held = 0
        self._closed = False
        self._changed = Condition()

    @property
    def closed(self) -> bool:
        """Whether trainings are to end early."""
        return self._closed

    def enter(self) -> None:
        """Wait until there is room for one more.

        Raises:
            InterruptedError: It was closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._held < (self._allowed or 1))
            if self._closed:
                raise InterruptedError("Another training has ended all of them.")
            self._held += 1

    def leave(self) -> None:
        """Make room."""
        with self._changed:
            self._held -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def open(self) -> None:
        """Allow as many splits as are wanted, unless their number is known already."""
        self._allow(self.most)

    def fit(self, shards: ShardSet) -> None:
        """Allow as many splits as fit where the first shards are."""
        if self._allowed is not None:
            return
        free, size = shards.free_bytes(), max(handle.bytes for handle in shards.handles)
        fitting = 1 + free // max(size, 1)
        self._allow(min(fitting, self.most))
        if fitting < self.most:
            logger.info(
                "An executor's disk has %.0f MiB left, and the rows of a training take %.0f: "
                "trainings of different rows go %s.",
                free / MIB,
                size / MIB,
                "one after the other" if fitting == 1 else f"{fitting} at a time",
            )

    def _allow(self, number: int) -> None:
        with self._changed:
            if self._allowed is None:
                self._allowed = number
                self._changed.notify_all()
