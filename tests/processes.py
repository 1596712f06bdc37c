"""The machine's processes, read from /proc while they come and go."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def children(parent: int) -> list[int]:
    """Process ids of a process's children; none when it has ended."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{parent}/task").iterdir():
            with suppress(OSError):  # the thread has ended meanwhile
                found += map(int, (thread / "children").read_text().split())
    return found


def process_tree(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    for child in children(pid):
        yield from process_tree(child)


def command_line(pid: int) -> list[str]:
    """The words that a process was started with; none when it has ended."""
    try:
        content = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return []
    return content.removesuffix("\0").split("\0") if content else []
