"""What trainings of the same rows share: the split, its features, the shards."""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame

from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.many.room import Room
from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.distributed.training.prepared_training import PreparedTraining
from bank_spark_dl.spark.caching import persist, unpersist


@dataclass
class _Layout:
    """The shards of a layout and their plan, once they are written; trainings wait for the lock."""

    lock: Any = field(default_factory=Lock)
    written: tuple[ShardSet, TrainingPlan] | None = None


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
        self._layouts: dict[Hashable, _Layout] = {}

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
        train = self.split().train
        with self._lock:
            layout = self._layouts.setdefault(training.layout_key(), _Layout())
        with layout.lock:
            if layout.written is not None:
                shards, plan = layout.written
                return shards, plan.of(training.config)
            layout.written = training.lay_out(train)
            self._room.limit(layout.written[0])
            return layout.written

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
        for layout in layouts:
            if layout.written is not None:
                with suppress(Py4JError, OSError):  # Spark may have been killed
                    layout.written[0].remove()
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
