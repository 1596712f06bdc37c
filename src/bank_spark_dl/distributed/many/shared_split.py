"""What trainings of the same rows share: the split, its features, the shards."""

import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress
from threading import Condition, RLock

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.data.shards import MIB
from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.distributed.training.prepared_training import PreparedTraining
from bank_spark_dl.spark.caching import persist, unpersist

logger = logging.getLogger(__name__)


class Room:
    """How many splits may lie on the executors' disks at a time.

    Trainings must begin in the order of their splits: else one that waits for room could keep those
    from beginning after which there is some.
    """

    def __init__(self, most: int) -> None:
        """Begin with a number that may turn out to be too large."""
        self._most = most
        self._held = 0
        self._closed = False
        self._changed = Condition()

    def enter(self) -> None:
        """Wait until there is room for one more.

        Raises:
            InterruptedError: It was closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._held < self._most)
            if self._closed:
                raise InterruptedError("Another training has ended all of them.")
            self._held += 1

    def close(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def leave(self) -> None:
        """Make room."""
        with self._changed:
            self._held -= 1
            self._changed.notify_all()

    def limit(self, shards: ShardSet) -> None:
        """Hold no more splits than fit where these shards are."""
        free, size = shards.free_bytes(), sum(handle.bytes for handle in shards.handles)
        with self._changed:
            fitting = self._held + free // max(size, 1)
            if fitting >= self._most:
                return
            self._most = max(fitting, 1)
        logger.info(
            "An executor's disk has %.0f MiB left, and the rows of a training take %.0f: trainings "
            "of different rows go %s.",
            free / MIB,
            size / MIB,
            "one after the other" if self._most == 1 else f"{self._most} at a time",
        )


class SharedSplit:
    """A split and its shards, made when the first training needs them, removed after the last."""

    def __init__(self, frame: DataFrame, splitter: Splitter, trainings: int, room: Room) -> None:
        """Take what to divide, and how many trainings will use it."""
        self._frame = frame
        self._splitter = splitter
        self._left = trainings
        self._room = room
        self._lock = RLock()
        self._split: Split | None = None
        self._layouts: dict[Hashable, tuple[ShardSet, TrainingPlan]] = {}

    def split(self) -> Split:
        """Divide the rows, once."""
        with self._lock:
            if self._split is None:
                self._room.enter()
                try:
                    split = self._splitter(self._frame)
                except BaseException:
                    self._room.leave()
                    raise
                self._split = Split(persist(split.train), persist(split.held_out))
            return self._split

    def shards(self, training: PreparedTraining) -> tuple[ShardSet, TrainingPlan]:
        """Write shards of the rows to train on, once for all trainings that take the same."""
        key = training.layout_key()
        with self._lock:
            if key in self._layouts:
                shards, plan = self._layouts[key]
                return shards, plan.of(training.config)
            self._layouts[key] = training.lay_out(self.split().train)
            self._room.limit(self._layouts[key][0])
            return self._layouts[key]

    def leave(self) -> None:
        """Remove everything after the last training."""
        with self._lock:
            self._left -= 1
            if not self._left:
                self.remove()

    def remove(self) -> None:
        """Remove everything, also where trainings have failed."""
        with self._lock:
            split, self._split = self._split, None
            layouts, self._layouts = list(self._layouts.values()), {}
        for shards, _ in layouts:
            with suppress(Py4JError, OSError):  # Spark may have been killed
                shards.remove()
        if split is not None:
            unpersist(split.train)
            unpersist(split.held_out)
            self._room.leave()


def group_by_split(splitters: Sequence[Splitter]) -> list[list[int]]:
    """Return the places of equal splitters, in the order in which they appear first."""
    different: list[Splitter] = []
    groups: list[list[int]] = []
    for place, splitter in enumerate(splitters):
        if splitter not in different:
            different.append(splitter)
            groups.append([])
        groups[different.index(splitter)].append(place)
    return groups
