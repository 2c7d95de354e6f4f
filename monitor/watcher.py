"""Accounts whose platform announces new messages: one thread listens for all of them."""

from __future__ import annotations

import contextlib
import logging
import random
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

from monitor.clean import clean_line
from monitor.clock import Clock
from monitor.connector import Watch
from monitor.errors import AuthError, ConfigError, ConnectorError

_OPENERS = 4
# No longer, so that a clock that jumps or a machine that slept is noticed.
_TICK = 1.0
_STOP = 2.0
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(minutes=15)
_STEADY = timedelta(minutes=1)
_NEWS = 2
"""The failure in a row that is worth a line in the log."""

log = logging.getLogger("replyby.watch")

T = TypeVar("T")

Open = Callable[[], Watch | None]
"""Opens an account's watch; None where its platform offers none. It may take its time."""


@dataclass(slots=True)
class _Account:
    name: str
    open: Open
    again: datetime | None
    """When to open a watch; None while one is open, being opened, or not to be had."""
    watch: Watch | None = None
    since: datetime | None = None
    fails: int = 0


@dataclass(frozen=True, slots=True)
class _Opened:
    account: _Account
    watch: Watch | None = None
    problem: Exception | None = None


class Watcher:
    """Calls `poll` with an account's name whenever there may be something new.

    That is when the platform says so, and after each time that a watch was opened, for messages
    may have come before it. `poll` must return at once. What goes wrong with one account's watch
    is tried again after growing pauses, and is never any other's concern.
    """

    def __init__(
        self, accounts: Mapping[str, Open], poll: Callable[[str], None], clock: Clock
    ) -> None:
        self._accounts = [_Account(name, open_, clock()) for name, open_ in accounts.items()]
        self._poll = poll
        self._clock = clock
        self._stopped = threading.Event()
        self._to_open: SimpleQueue[_Account | None] = SimpleQueue()
        self._opened: SimpleQueue[_Opened] = SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        # Daemons all: a server that never answers must not hold up the end of the program.
        self._openers = [
            threading.Thread(target=self._keep_opening, name=f"watch-open-{number}", daemon=True)
            for number in range(min(_OPENERS, len(self._accounts)))
        ]
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._selector.register(self._alarm, selectors.EVENT_READ)
        for thread in (self._thread, *self._openers):
            thread.start()

    def stop(self) -> None:
        """Hang up everywhere; waits for no server."""
        self._stopped.set()
        for _ in self._openers:
            self._to_open.put(None)
        self._ring()
        self._thread.join(_STOP)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._take_opened()
            self._tend()
            for key, _ in self._selector.select(_TICK):
                self._heard(key.data)
        for account in self._accounts:
            self._hang_up(account)
        for part in (self._selector, self._alarm, self._bell):
            part.close()

    def _heard(self, account: _Account | None) -> None:
        if account is None:
            self._alarm.recv(4096)
        elif account.watch is not None and self._survives(account, account.watch.pushed):
            log.debug("%s: announces something new", account.name)
            self._poll(account.name)

    def _tend(self) -> None:
        """Open what is to be opened, renew what is to be renewed."""
        now = self._clock()
        for account in self._accounts:
            if account.again is not None and account.again <= now:
                account.again = None
                self._to_open.put(account)
            elif account.watch is not None:
                self._note_steady(account, now)
                if account.watch.due <= now:
                    self._survives(account, account.watch.renew)

    def _survives(self, account: _Account, step: Callable[[], bool | None]) -> bool:
        """What a step of the account's watch says; one that fails ends the watch."""
        said, problem = _tried(account, step)
        if problem is not None:
            self._lost(account, problem)
        return bool(said)

    def _take_opened(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._settle(self._opened.get_nowait())

    def _settle(self, opened: _Opened) -> None:
        account = opened.account
        if opened.problem is not None:
            self._lost(account, opened.problem)
        elif opened.watch is None:
            log.debug("%s: offers no announcements; it is polled", account.name)
        else:
            account.watch, account.since = opened.watch, self._clock()
            if self._survives(account, partial(self._listen, account, opened.watch)):
                log.debug("%s: announces from now on what is new", account.name)
                self._poll(account.name)

    def _listen(self, account: _Account, watch: Watch) -> bool:
        self._selector.register(watch, selectors.EVENT_READ, account)
        # What came with the answer to the opening may be read already, and wake no selector.
        watch.pushed()
        return True

    def _lost(self, account: _Account, error: Exception) -> None:
        self._hang_up(account)
        account.fails += 1
        account.again = self._clock() + _pause(account.fails, error)
        # A connection that is back in a second is no news.
        level = logging.WARNING if account.fails == _NEWS else logging.DEBUG
        log.log(level, "%s: announces nothing new, it is only polled: %s", account.name,
                _reason(error))  # fmt: skip

    def _note_steady(self, account: _Account, now: datetime) -> None:
        """A watch counts as kept once it has lasted: some servers let in and throw out at once."""
        if account.fails and account.since is not None and now - account.since >= _STEADY:
            if account.fails >= _NEWS:
                log.info("%s: announces what is new again", account.name)
            account.fails = 0

    def _hang_up(self, account: _Account) -> None:
        watch, account.watch = account.watch, None
        if watch is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(watch)
            _close(watch)

    def _keep_opening(self) -> None:
        while (account := self._to_open.get()) is not None:
            opened = _Opened(account, *_tried(account, account.open))
            if self._stopped.is_set():
                if opened.watch is not None:
                    _close(opened.watch)
                return
            self._opened.put(opened)
            self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it rings already, or nobody is there any more
            self._bell.send(b"!")


def _tried(account: _Account, step: Callable[[], T]) -> tuple[T | None, Exception | None]:
    try:
        return step(), None
    except (ConnectorError, ConfigError) as error:
        return None, error
    except Exception as error:
        # The edge of a watch: a fault in one account's connector must not stop the others.
        log.exception("%s: a fault in the connector", account.name)
        return None, error


def _pause(fails: int, error: Exception) -> timedelta:
    """Growing, uneven so that many accounts do not come at once; refused sign-ins seldom."""
    if isinstance(error, AuthError | ConfigError):
        return _LONGEST
    told = error.retry_after if isinstance(error, ConnectorError) else None
    grown = min(_SHORTEST * (1 << min(fails - 1, 20)), _LONGEST)
    uneven = grown * random.uniform(0.5, 1.0)  # noqa: S311 # no secret
    return max(uneven, timedelta(seconds=told or 0))


def _close(watch: Watch) -> None:
    with contextlib.suppress(Exception):  # it is given up, whatever it says to that
        watch.close()


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectorError | ConfigError):
        return str(clean_line(str(error), 500))
    return f"a fault in replyby: {type(error).__name__}"
