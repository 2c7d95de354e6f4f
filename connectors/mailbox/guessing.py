"""Where the mail servers of an address may be: the usual names, tried all at once."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

_PATIENCE = 4.0
_NAMES = {"imap": ("imap", "mail"), "smtp": ("smtp", "mail")}
_PORTS = {"imap": (("imaps", 993), ("imap", 143)), "smtp": (("smtps", 465), ("smtp", 587))}


def guess(address: str, kind: str) -> str:
    """The first of the usual servers that takes a connection; else the most usual one.

    `kind` is "imap" or "smtp". It waits four seconds at the most.
    """
    domain = address.rpartition("@")[2].lower()
    hosts = [*(f"{name}.{domain}" for name in _NAMES[kind]), domain] if "." in domain else [domain]
    tried = [(scheme, host, port) for host in hosts for scheme, port in _PORTS[kind]]
    found = _answering([(host, port) for _, host, port in tried])
    scheme, host, _ = next((t for t in tried if (t[1], t[2]) in found), tried[0])
    return f"{scheme}://{host}"


def _answering(places: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    pool = ThreadPoolExecutor(len(places), thread_name_prefix="guess")
    trials = {place: pool.submit(_answers, place) for place in places}
    pool.shutdown(wait=True)
    return {place for place, trial in trials.items() if trial.result()}


def _answers(place: tuple[str, int]) -> bool:
    with suppress(OSError, UnicodeError), socket.create_connection(place, _PATIENCE):
        return True
    return False
