"""A slow link on the loopback: every byte arrives later, and as many as one likes at a time."""

from __future__ import annotations

import contextlib
import socket
import threading
from queue import SimpleQueue
from time import monotonic, sleep
from types import TracebackType
from typing import Self

_CHUNK = 256 * 1024
_Late = SimpleQueue[tuple[float, bytes]]


class SlowLink:
    """Listens on `port` while it is open; `seconds` are those of one way."""

    def __init__(self, to_port: int, seconds: float) -> None:
        self._to = ("127.0.0.1", to_port)
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        _in_background(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        # Else the thread that waits in accept goes on waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                for one, other in ((near, far), (far, near)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
                    on_the_way: _Late = SimpleQueue()
                    _in_background(self._take, one, on_the_way)
                    _in_background(_give, on_the_way, other)

    def _take(self, source: socket.socket, on_the_way: _Late) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                on_the_way.put((monotonic() + self._seconds, data))
        on_the_way.put((monotonic() + self._seconds, b""))


def _give(on_the_way: _Late, target: socket.socket) -> None:
    """Pass on what is due, the end of the stream too."""
    with contextlib.suppress(OSError):
        while True:
            due, data = on_the_way.get()
            sleep(max(0.0, due - monotonic()))
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)


def _in_background(work: object, *given: object) -> None:
    threading.Thread(target=work, args=given, daemon=True).start()  # type: ignore[arg-type] # ours
