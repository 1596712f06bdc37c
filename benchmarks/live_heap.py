"""Run Kedro's command, and note the most memory that its JVM holds.

Run as `python -m benchmarks.live_heap FILE run --pipelines=...`. The resident memory of a JVM says
how lazily it collects garbage. What it holds is its heap after a full collection: it is looked at
every second, and the largest one so far is in FILE, in MiB.
"""

import sys
from pathlib import Path
from threading import Event, Thread

from kedro.framework.cli.cli import main as kedro
from py4j.protocol import Py4JError

EVERY = 1.0  # seconds


def main() -> None:
    """Run the command in this process."""
    file, *arguments = sys.argv[1:]
    sys.argv = ["kedro", *arguments]
    done = Event()
    watcher = Thread(target=watch, args=(Path(file), done), daemon=True)
    watcher.start()
    try:
        kedro()
    finally:
        done.set()
        watcher.join()


def watch(file: Path, done: Event) -> None:
    """Write down the largest heap until the command is done."""
    most = 0.0
    while not done.wait(EVERY):
        try:
            most = max(most, live_heap())
        except (Py4JError, OSError):  # Spark is stopping
            continue
        file.write_text(str(most))


def live_heap() -> float:
    """Return the heap of this process's JVM after a full collection, in MiB; 0 if there is none."""
    imported = getattr(sys.modules.get("pyspark"), "SparkContext", None)  # the command imports it
    context = imported and imported._active_spark_context
    if context is None:
        return 0.0
    jvm = context._jvm
    jvm.System.gc()
    memory = jvm.java.lang.management.ManagementFactory.getMemoryMXBean()
    return float(memory.getHeapMemoryUsage().getUsed()) / 2**20


if __name__ == "__main__":
    main()
