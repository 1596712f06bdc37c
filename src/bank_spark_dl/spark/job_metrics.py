"""Count the Spark jobs of steps, and the bytes that their tasks read."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PATIENCE_MS = 10_000


@dataclass(frozen=True)
class SparkCosts:
    """Costs since the session started.

    Attributes:
        jobs: Spark jobs.
        bytes_read: Bytes that tasks read from files and from persisted rows.
    """

    jobs: int = 0
    bytes_read: int = 0

    def since(self, earlier: "SparkCosts") -> dict[str, int]:
        """Return the difference to an earlier count."""
        return {
            "jobs": self.jobs - earlier.jobs,
            "bytes_read": self.bytes_read - earlier.bytes_read,
        }


def costs_so_far(session: "SparkSession") -> SparkCosts:
    """Read job and byte counts from Spark's status store, including lost executors."""
    context = session.sparkContext._jsc.sc()
    with suppress(Py4JJavaError):  # a timeout: then the last job counts for the next step
        context.listenerBus().waitUntilEmpty(PATIENCE_MS)  # counts arrive a bit later
    executors = context.statusStore().executorList(False)
    read = sum(executors.apply(n).totalInputBytes() for n in range(executors.size()))
    return SparkCosts(context.dagScheduler().numTotalJobs(), read)
