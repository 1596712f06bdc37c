"""What trainings of the same rows share: the split, its features, the shards."""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl.distributed.data.plan import TrainingPlan
from bank_spark_dl.distributed.data.shard_set import ShardSet
from bank_spark_dl.distributed.many.room import Room
from bank_spark_dl.distributed.many.splits import Split, Splitter
from bank_spark_dl.distributed.training.prepared_training import PreparedTraining
from bank_spark_dl.spark.caching import persist, unpersist


@dataclass
class _Layout:
    """Shards that trainings share.

    Attributes:
        lock: Held while they are written.
        users: Trainings that need them now.
        written: The shards and their plan, once they are written.
    """

    lock: Any = field(default_factory=Lock)
    users: int = 0
    written: tuple[ShardSet, TrainingPlan] | None = None

    def remove(self) -> None:
        """Delete the shards."""
        if self.written is not None:
            with suppress(Exception):  # Spark may have been killed, or a disk be full
                self.written[0].remove()


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
                    with self._room.preparing:
                        split = self._splitter(self._frame)
                        self._split = Split(persist(split.train), persist(split.held_out))
                except BaseException:
                    self._room.leave()
                    raise
            return self._split

    @contextmanager
    def shards(self, training: PreparedTraining) -> Iterator[tuple[ShardSet, TrainingPlan]]:
        """Write shards of the rows to train on, once for trainings that take the same.

        Those that no training needs now are kept for later ones, but not more sets of them than
        splits are allowed at a time.
        """
        train, key = self.split().train, training.layout_key()
        with self._lock:
            layout = self._layouts.setdefault(key, _Layout())
            layout.users += 1
        try:
            yield self._written(layout, training, train)
        finally:
            with self._lock:
                layout.users -= 1
                self._remove_idle()

    def _written(
        self, layout: _Layout, training: PreparedTraining, train: DataFrame
    ) -> tuple[ShardSet, TrainingPlan]:
        with layout.lock:
            if layout.written is not None:
                shards, plan = layout.written
                return shards, plan.of(training.config)
            layout.written = training.lay_out(train)
            self._room.fit(layout.written[0])
            return layout.written

    def _remove_idle(self) -> None:
        idle = [key for key, layout in self._layouts.items() if not layout.users]
        for key in idle[: len(self._layouts) - self._room.most]:
            self._layouts[key].remove()
            del self._layouts[key]

    def leave(self) -> None:
        """Remove everything after the last training.

        When trainings are to end early, jobs of their threads are cancelled, also those that would
        remove something: whoever has started the trainings removes it then.
        """
        with self._lock:
            self._left -= 1
            if not self._left and not self._room.closed:
                self.remove()
        self._room.open()

    def remove(self) -> None:
        """Remove everything, also where trainings have failed."""
        with self._lock:
            for layout in self._layouts.values():
                layout.remove()
            self._layouts.clear()
            if self._split is not None:
                unpersist(self._split.train)
                unpersist(self._split.held_out)
                self._split = None
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
