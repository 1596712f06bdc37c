"""Write, use and remove all shards of a training from the driver."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from py4j.protocol import Py4JError
from pyspark import RDD, SparkContext

from bank_spark_dl.distributed.data.shards import MIB, ShardHandle, ShardStore
from bank_spark_dl.distributed.runtime.worker_pool import in_training_pool

T = TypeVar("T")
Task = Callable[[Iterable[ShardHandle]], Iterator[T | int]]


class ShardSet:
    """All shards of a training, and the tasks that run where they are.

    Attributes:
        store: Where the shards' files are.
        handles: One handle for each shard, in worker order.
    """

    def __init__(self, written: RDD[ShardHandle], store: ShardStore) -> None:
        """Write the shards.

        Args:
            written: The handles, in worker order. Computing them writes the files.
            store: The store it writes to.
        """
        self.store = store
        self._spread = False
        self._source = written
        # Persisted apart from its source, whose partitions `run` can then compute again.
        self.cached = written.context.union([written]).persist()
        self._shards = in_training_pool(self.cached)
        try:
            self.handles = self.cached.collect()
        except BaseException:
            self._remove_everywhere()
            self._unpersist()
            raise

    def summary(self) -> str:
        """Say in one line how large the shards are and how they are read."""
        largest = max(handle.bytes for handle in self.handles)
        how = "mapped into memory" if self.store.maps(largest) else "read block by block"
        return f"Each worker's rows take up to {largest / MIB:,.1f} MiB on local disk, {how}."

    def free_bytes(self) -> int:
        """Return the room left on the disk that has least of it, where shards are."""
        return min(self._shards.mapPartitions(partial(_free_bytes, self.store)).collect())

    def run(self, task: Task[T]) -> list[T]:
        """Run a task on every shard.

        Args:
            task: Takes the handles of a partition; yields for each its result, or the worker's
                number if the executor it runs on does not have the shard.

        Returns:
            The results in worker order.
        """
        results: list[Any] = self._shards.mapPartitions(task).collect()
        missing = [result for result in results if isinstance(result, int)]
        if missing:
            self._spread = True
            # One task writes a shard and trains on it, so that the file is there for certain.
            digests = [handle.digest for handle in self.handles]
            again = self._source.context.runJob(
                self._source, partial(_run_on_same, task, digests), missing
            )
            for worker, result in zip(missing, again, strict=True):
                results[worker] = result
        return results

    def remove(self) -> None:
        """Unpersist the shards and delete their files on every executor that still answers."""
        if self._spread:
            self._remove_everywhere()
        else:
            with suppress(Py4JError), _without_tags(self.cached.context):
                self._shards.foreachPartition(partial(_delete, self.store))
        self._unpersist()

    def _remove_everywhere(self) -> None:
        """Delete what was written or will yet be, on whichever executor."""
        context = self.cached.context
        # What made writing fail is what matters.
        with suppress(Exception), _without_tags(context):
            executors = context._jsc.sc().statusTracker().getExecutorInfos()
            tasks = len(executors) * context.defaultParallelism
            everywhere = in_training_pool(context.parallelize(range(tasks), tasks))
            everywhere.foreachPartition(partial(_forbid, self.store))

    def _unpersist(self) -> None:
        with suppress(Py4JError, OSError):  # Spark may have been killed
            self.cached.unpersist()


@contextmanager
def _without_tags(context: SparkContext) -> Iterator[None]:
    """Start jobs that nobody cancels with the thread's other jobs."""
    tags = set(context.getJobTags())
    context.clearJobTags()
    try:
        yield
    finally:
        for tag in tags:
            context.addJobTag(tag)


def _run_on_same(
    task: Task[T], digests: Sequence[str], handles: Iterable[ShardHandle]
) -> Iterator[T | int]:
    """Run a task on shards that were written again.

    Raises:
        RuntimeError: One does not hold the bytes that it held before.
    """
    written = list(handles)
    for handle in written:
        if handle.digest != digests[handle.worker]:
            raise RuntimeError(
                f"The rows of worker {handle.worker} changed while they were read, or could not be "
                "read to the end: persist them, then fit."
            )
    return task(written)


def _free_bytes(store: ShardStore, rows: Iterable[Any]) -> Iterator[int]:
    list(rows)  # a Python process that leaves rows unread is not used again
    yield store.free_bytes()


def _delete(store: ShardStore, rows: Iterable[Any]) -> None:
    list(rows)  # a Python process that leaves rows unread is not used again
    store.remove()


def _forbid(store: ShardStore, rows: Iterable[Any]) -> None:
    list(rows)  # a Python process that leaves rows unread is not used again
    store.forbid()
