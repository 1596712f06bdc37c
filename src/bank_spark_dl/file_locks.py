"""Locks of files among programs. They are the operating system's: those of a dead one are gone.

One program writes, or several read. `filelock` takes the locks of those who write. What it has for
readers is an SQLite database: it stays for ever, does not say who reads, and cannot be opened where
a reader may not write. So readers share a `flock` of the same file, which shuts writers out.
"""

import fcntl
import logging
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from errno import ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)
Release = Callable[[], None]
MOMENT = 0.5  # seconds: who is about to let go needs less
POLL = 0.01  # seconds
NO_LOCKS = {ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP}
HELD: set[FileLock] = set()  # one that nobody refers to any more would let go
PROCESS = re.compile(r"process (\d+) on (\S+),")


def lock_to_write(path: Path, patience: float = MOMENT) -> Release:
    """Take a lock that nobody else has; its folder is made.

    Args:
        path: The lock's own file, which is there while somebody holds it.
        patience: Seconds to wait for others.

    Returns:
        What lets go of it.

    Raises:
        Timeout: Others still hold it: see `holder`.
    """
    # Another thread may let go of it.
    lock = FileLock(path, timeout=patience, thread_local=False, fallback_to_soft=False)
    deadline = time.monotonic() + MOMENT
    while not lock.is_locked:
        try:
            lock.acquire(poll_interval=POLL)
        except (FileExistsError, FileNotFoundError):
            # Its folder was removed in the moment after it was made, or was found there.
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL)
        except OSError as error:
            return _without(path, error)
    HELD.add(lock)
    path.write_text(_line("written"))

    def release() -> None:
        HELD.discard(lock)
        with suppress(OSError):
            path.unlink()  # those who wait for the file see that it is gone, and make another
        lock.release()

    return release


def lock_to_read(path: Path, patience: float = MOMENT) -> Release:
    """Take a lock that others may take to read, and nobody to write.

    Args:
        path: The lock's own file. Where it cannot be made, nobody who runs as this user writes.
        patience: Seconds to wait for who writes.

    Returns:
        What lets go of it.

    Raises:
        Timeout: Somebody still holds it to write: see `holder`.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            held = _open_to_read(path)
        except OSError:
            return _nothing
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if os.fstat(held).st_nlink:
                break
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(held)
                raise Timeout(str(path)) from None
            time.sleep(POLL)
        except OSError as error:
            os.close(held)
            return _without(path, error)
        os.close(held)
    with suppress(OSError):  # it may only be read
        os.write(held, _line("read").encode())
    return partial(_release_read, path, held)


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


def _open_to_read(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return os.open(path, os.O_RDONLY)


def _release_read(path: Path, held: int) -> None:
    with suppress(OSError):  # others read
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(held).st_nlink:  # else it is gone, and the path is another one's
            path.unlink()
    os.close(held)


def _without(path: Path, error: OSError) -> Release:
    if error.errno not in NO_LOCKS:
        raise error
    logger.warning(
        "The file system of %s has no locks (%s): see to it that no other run writes there.",
        path.parent,
        error.strerror,
    )
    return _nothing


def _nothing() -> None:
    """Let go of nothing."""


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
