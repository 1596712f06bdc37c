"""Ending the threads that a stopped Spark leaves in the JVM.

Spark 4.0 starts one for each pool of Python workers, to close those that are idle, and never ends
it. Each keeps its whole SparkContext on the heap, about 1 MB for a small run: a notebook or a
service that runs again and again would fill its memory.
"""

from typing import Any

IDLE_WORKER_MONITOR = "Idle Worker Monitor"
PATIENCE_MS = 1000


def end_idle_worker_monitors(jvm: Any) -> None:
    """Interrupt the threads; Spark must be stopped, and its log be off: each ends by an error.

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
