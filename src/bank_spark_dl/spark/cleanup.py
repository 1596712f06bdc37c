"""Clean up after a stopped Spark: its artifact folder, and threads that keep its context in memory.

A context takes 1 MB for a small run: a notebook or a service that runs again and again would fill
its memory.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

IDLE_WORKER_MONITOR = "Idle Worker Monitor"
PATIENCE_MS = 1000
# Before it caches a frame, Spark copies the session to switch these off, where they are on, and
# nothing can close the copies: no table here is bucketed, and a cached frame may be coalesced.
NO_COPIES = {
    "spark.sql.sources.bucketing.autoBucketedScan.enabled": "false",
    "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "true",
}


def close_artifacts(session: "SparkSession") -> None:
    """Close the session's artifact manager, which the cleaner of Spark 4.0 keeps in memory.

    Remove its folder too, which Spark 4.0 makes in the working directory (SPARK-52396).
    """
    manager = session._jsparkSession.sessionState().artifactManager()
    manager.close()
    folder = Path(manager.artifactRootPath().toString())
    with suppress(OSError):  # another session has files in it
        folder.rmdir()
        folder.parent.rmdir()


def end_idle_worker_monitors(jvm: Any) -> None:
    """End the threads that Spark 4.0 starts for each pool of Python workers, to close idle ones.

    Spark must be stopped, and its log be off: each ends by an error.

    Args:
        jvm: Py4J's view of the JVM.
    """
    # Without a handler of its own a thread prints the error that ends it.
    handler = jvm.org.apache.spark.util.SparkUncaughtExceptionHandler(False)
    threads = idle_worker_monitors(jvm)
    for thread in threads:
        thread.setUncaughtExceptionHandler(handler)
        thread.interrupt()
    for thread in threads:
        thread.join(PATIENCE_MS)


def idle_worker_monitors(jvm: Any) -> list[Any]:
    """Return the threads, alive, as Java objects."""
    threads = jvm.Thread.getAllStackTraces().keySet()
    return [thread for thread in threads if thread.getName().startswith(IDLE_WORKER_MONITOR)]
