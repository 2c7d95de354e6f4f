"""Which process holds a lease, and whether it is gone: a killed one must not block the next."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from pathlib import Path


@cache
def _here() -> str:
    """This machine and its process numbers: containers may share one without the other."""
    try:
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:
        numbers = ""
    return f"{socket.gethostname()}{numbers}".replace("/", "-")


def _started(pid: int) -> str:
    """When a process started, in the kernel's own count: a number may be used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # A zombie is as dead as one that has been waited for.
    return "" if fields[0] == "Z" else fields[19]


def owner() -> str:
    """A name for one lease of this process, another for each; also right after a fork."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_started(pid)}#{secrets.token_hex(4)}"


def is_gone(name: str | None) -> bool:
    """Whether the process of that name is known to be dead; one elsewhere never is."""
    parts = (name or "").partition("#")[0].split("/")
    if len(parts) != 3 or parts[0] != _here():
        return False
    pid = int(parts[1])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(parts[2]) and _started(pid) != parts[2]
