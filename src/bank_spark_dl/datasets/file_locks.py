"""Lock files among programs; the operating system frees the locks of a program that died.

One program writes, or several read. `filelock` takes the locks of those who write. Its lock for
readers is an SQLite database, which stays for ever, does not say who reads, and cannot be opened
where a reader may not write. So readers share a `flock` of the same file, which shuts writers out.
"""

import fcntl
import logging
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from errno import ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)
MOMENT = 0.5  # seconds: whoever is about to release a lock needs less
POLL = 0.01  # seconds
NO_LOCKS = {ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP}
PROCESS = re.compile(r"process (\d+) on (\S+),")


@contextmanager
def lock_to_write(path: Path, patience: float = MOMENT) -> Iterator[None]:
    """Hold a lock that nobody else has; its folder is made.

    Args:
        path: The lock's own file, which is there while somebody holds it.
        patience: Seconds to wait for others.

    Raises:
        Timeout: Others still hold it: see `holder`.
    """
    # Another thread may release it.
    lock = FileLock(path, timeout=patience, thread_local=False, fallback_to_soft=False)
    try:
        _acquire(lock)
    except OSError as error:
        _warn_without_locks(path, error)
        yield
        return
    path.write_text(_line("written"))
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # those who wait for the file see that it is gone, and make another
        lock.release()


@contextmanager
def lock_to_read(path: Path, patience: float = MOMENT) -> Iterator[None]:
    """Hold a lock that others may hold to read, and nobody to write.

    Args:
        path: The lock's own file. Where it cannot be made, nobody who runs as this user writes.
        patience: Seconds to wait for who writes.

    Raises:
        Timeout: Somebody still holds it to write: see `holder`.
    """
    descriptor = _share(path, patience)
    if descriptor is None:
        yield
        return
    with suppress(OSError):  # it may only be read
        os.write(descriptor, _line("read").encode())
    try:
        yield
    finally:
        with suppress(OSError):  # others read
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:  # else it is gone, and the path is another one's
                path.unlink()
        os.close(descriptor)


def holder(path: Path) -> tuple[str, str]:
    """Say what for and by whom a lock is held, for a sentence.

    Returns:
        "written" or "read", and the program.
    """
    with suppress(OSError):
        lines = [line for line in path.read_text().splitlines() if _may_live(line)]
        if lines:
            purpose, _, who = lines[-1].partition(" ")
            return purpose, who
        return "written", "one that starts just now"
    return "written", "one that ends just now"


def _acquire(lock: FileLock) -> None:
    """Acquire a lock, though its folder may vanish in the moment after it was made or found."""
    deadline = time.monotonic() + MOMENT
    while not lock.is_locked:
        try:
            lock.acquire(poll_interval=POLL)
        except (FileExistsError, FileNotFoundError):
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL)


def _share(path: Path, patience: float) -> int | None:
    """Take a lock to read; return its descriptor, or None where there can be no lock."""
    deadline = time.monotonic() + patience
    while True:
        try:
            descriptor = _open_to_read(path)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise Timeout(str(path)) from None
            time.sleep(POLL)
        except OSError as error:
            os.close(descriptor)
            _warn_without_locks(path, error)
            return None
        os.close(descriptor)


def _open_to_read(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return os.open(path, os.O_RDONLY)


def _warn_without_locks(path: Path, error: OSError) -> None:
    """Warn if the error says that the file system has no locks; else raise it."""
    if error.errno not in NO_LOCKS:
        raise error
    logger.warning(
        "The file system of %s has no locks (%s): make sure that no other run writes there.",
        path.parent,
        error.strerror,
    )


def _line(purpose: str) -> str:
    started = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]).replace("\n", " ")
    who = f"process {os.getpid()} on {socket.gethostname()}"
    return f"{purpose} {who}, started {started} ({command})\n"


def _may_live(line: str) -> bool:
    """Tell whether a program may still run: readers' lines stay when they end before others."""
    found = PROCESS.search(line)
    if found is None or found[2] != socket.gethostname():
        return True
    return Path(f"/proc/{found[1]}").exists() or not Path("/proc/self").exists()
