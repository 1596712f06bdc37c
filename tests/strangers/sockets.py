"""Who listens where, read from /proc."""

import subprocess
import time
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

from tests.processes import command_line, process_tree

LISTEN = "0A"  # state of a socket in /proc/net/tcp


class Listener(NamedTuple):
    """A socket that a process listens on."""

    program: str
    address: str
    port: int

    def is_on_loopback(self) -> bool:
        """Tell whether only this machine can reach it."""
        address = ip_address(self.address)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback


def listeners(pid: int) -> set[Listener]:
    """Return what a process and its descendants listen on now."""
    return owned(listening_sockets(), pid)


def owned(sockets: dict[str, tuple[str, int]], pid: int) -> set[Listener]:
    """Return those of some sockets that a process or its descendants have open."""
    found = set()
    for process in process_tree(pid):
        for link in fd_targets(process) & sockets.keys():
            found.add(Listener(" ".join(command_line(process)), *sockets[link]))
    return found


def watch(process: subprocess.Popen, seconds: float) -> set[Listener]:
    """Look every 50 ms until the process ends; it is killed after the given time."""
    seen: set[Listener] = set()
    known: set[str] = set()
    end = time.monotonic() + seconds
    while process.poll() is None:
        sockets = listening_sockets()
        new = {name: place for name, place in sockets.items() if name not in known}
        if new:  # whose they are takes longer to find out
            seen |= owned(new, process.pid)
            known |= new.keys()
        time.sleep(0.05)
        if time.monotonic() > end:
            process.kill()
    return seen


def listening_sockets() -> dict[str, tuple[str, int]]:
    """Return address and port of every listening socket, by its name in /proc/<pid>/fd."""
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN:
                address, port = fields[1].split(":")
                found[f"socket:[{fields[9]}]"] = (decode(address), int(port, 16))
    return found


def decode(address: str) -> str:
    """Turn the kernel's words, each in the machine's byte order, into an address."""
    content = bytes.fromhex(address)
    words = (content[start : start + 4][::-1] for start in range(0, len(content), 4))
    return str(ip_address(b"".join(words)))


def fd_targets(pid: int) -> set[str]:
    """Return what a process has open."""
    found = set()
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            found.add(str(link.readlink()))
    except OSError:  # it ended, or closed one meanwhile; the next look sees the rest
        pass
    return found
