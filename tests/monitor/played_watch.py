"""A platform that announces over real socket pairs exactly what a test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.connector import Watch
from monitor.errors import ConnectorError
from monitor.watcher import Watcher
from tests.fakes import FakeClock
from tests.servers.process import wait_until

RENEW = timedelta(minutes=10)
PATIENCE = 10


class Line:
    """A watch; what the test says at its far end is what the platform announces."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self.due: datetime = clock() + RENEW
        self.renewed = 0
        self.refuses = False
        self.closed = False

    def say(self, what: str) -> None:
        self._far.sendall(what.encode())

    def fileno(self) -> int:
        return self._near.fileno()

    def pushed(self) -> bool:
        try:
            said = self._near.recv(65536).decode()
        except BlockingIOError:
            return False
        if "fault" in said:
            raise ZeroDivisionError
        if "bye" in said:
            raise ConnectorError("it says goodbye")
        return "new" in said

    def renew(self) -> None:
        if self.refuses:
            raise ConnectorError("it does not answer")
        self.renewed += 1
        self.due = self._clock() + RENEW

    def close(self) -> None:
        self.closed = True
        self._near.close()


@dataclass
class Exchange:
    """One account's platform: it lets in, offers nothing, hangs or raises."""

    clock: FakeClock
    problem: Exception | None = None
    offers: bool = True
    open_door: threading.Event = field(default_factory=threading.Event)
    lines: list[Line] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.open_door.set()

    def open(self) -> Watch | None:
        self.asked += 1
        self.open_door.wait()
        if self.problem:
            raise self.problem
        if not self.offers:
            return None
        self.lines.append(Line(self.clock))
        return self.lines[-1]


class Polls:
    """Which polls were asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)

    def wait(self, name: str, count: int) -> None:
        """Until the account was to be polled so often, and not once more."""
        soon(lambda: self.names.count(name) >= count, f"{count} polls of {name}")
        assert self.names.count(name) == count


def soon(true: Callable[[], bool], what: str) -> None:
    wait_until(true, what, PATIENCE)


@contextmanager
def watching(exchanges: Mapping[str, Exchange], clock: FakeClock) -> Iterator[Polls]:
    """A watcher at work; the polls that it asks for."""
    polls = Polls()
    watcher = Watcher({name: e.open for name, e in exchanges.items()}, polls, clock)
    watcher.start()
    try:
        yield polls
    finally:
        watcher.stop()
        for exchange in exchanges.values():
            exchange.open_door.set()
