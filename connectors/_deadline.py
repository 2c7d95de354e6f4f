"""A time-out for a whole HTTP call: a socket's own begins anew with every byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from contextvars import ContextVar
from typing import Any, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """Shuts the connection of the call down when its time is up, whoever is reading from it."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def holds(self, line: socket.socket) -> None:
        """This is the connection that the call goes over; it may be closed in the middle of it."""
        with self._lock:
            self._let_go()
            self._line = line.dup()
            if self.passed:
                _shut(self._line)

    def _let_go(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            if self._line:
                _shut(self._line)

    def __enter__(self) -> Self:
        self._token = _running.set(self)
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        _running.reset(self._token)
        self._timer.cancel()
        with self._lock:
            self._let_go()


_running: ContextVar[Deadline | None] = ContextVar("_running", default=None)


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class _Lifeline:
    """What both kinds of connection add: a second handle of the socket, which TLS leaves alone."""

    _line: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc] # of urllib3's connections
        self._let_go()
        self._line = sock.dup()
        self._hold()
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._hold()
        super().request(*args, **kwargs)  # type: ignore[misc] # of urllib3's connections

    def close(self) -> None:
        super().close()  # type: ignore[misc] # of urllib3's connections
        self._let_go()

    def _hold(self) -> None:
        deadline = _running.get()
        if deadline and self._line:
            deadline.holds(self._line)

    def _let_go(self) -> None:
        if self._line:
            self._line.close()
            self._line = None


class _Connection(_Lifeline, HTTPConnection):
    pass


class _TlsConnection(_Lifeline, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _Pool, "https": _TlsPool}
"""By scheme, as a pool manager of urllib3 takes them."""
