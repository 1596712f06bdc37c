"""Peak memory of the processes that train."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

DAEMON = b"bank_spark_dl.distributed.runtime.worker_daemon"


@contextmanager
def peak_memory_of_workers() -> Iterator[Callable[[], int]]:
    """Watch the training workers of this machine for the time of a block.

    Yields:
        A function that returns the largest resident memory of one worker so far, in bytes.
    """
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max([peak[0], *map(resident_bytes, training_workers())])

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: peak[0]
    finally:
        done.set()
        thread.join()


def training_workers() -> list[Path]:
    """Find forks of the engine's daemon: their parent runs the daemon too."""
    daemons = {
        path.name: path for path in Path("/proc").glob("[0-9]*") if DAEMON in read(path / "cmdline")
    }
    return [path for path in daemons.values() if field(path, "PPid") in daemons]


def resident_bytes(process: Path) -> int:
    """Return a process's resident memory in bytes; 0 if it has ended."""
    return int(field(process, "VmRSS") or 0) * 1024


def field(process: Path, name: str, file: str = "status") -> str:
    """Return the first value of a line of a file of /proc/PID."""
    for line in read(process / file).decode().splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]
    return ""


def read(path: Path) -> bytes:
    """Read a file of /proc; empty if its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
