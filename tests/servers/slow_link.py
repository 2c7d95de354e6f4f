"""A long way to a server: a TCP proxy that holds every byte back and counts the round trips."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class SlowLink:
    """To a port of this machine, with a delay in seconds each way.

    `round_trips` is how often the near side spoke when nothing was on its way in either
    direction: it had waited for the answer before it asked on.
    """

    def __init__(self, port: int, each_way: float) -> None:
        self._to = port
        self._delay = each_way
        self._on_the_way = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.round_trips = 0
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> None:
        """Serve connections until the link is closed."""
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._pipe(near, far, counts=True)
            self._pipe(far, near, counts=False)

    def close(self) -> None:
        """Take no more connections."""
        # Closing alone doesn't wake whoever waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pipe(self, source: socket.socket, sink: socket.socket, *, counts: bool) -> None:
        chunks: queue.Queue[tuple[float, bytes]] = queue.Queue()
        for target, args in ((self._read, (source, chunks, counts)), (self._write, (sink, chunks))):
            threading.Thread(target=target, args=args, daemon=True).start()

    def _read(
        self, source: socket.socket, chunks: queue.Queue[tuple[float, bytes]], counts: bool
    ) -> None:
        data = b"-"
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            with self._lock:
                self.round_trips += counts and bool(data) and not self._on_the_way
                self._on_the_way += len(data)
            chunks.put((time.monotonic() + self._delay, data))

    def _write(self, sink: socket.socket, chunks: queue.Queue[tuple[float, bytes]]) -> None:
        data = b"-"
        while data:
            due, data = chunks.get()
            time.sleep(max(0, due - time.monotonic()))
            with self._lock:
                self._on_the_way -= len(data)
            try:
                sink.sendall(data)
            except OSError:
                data = b""
        sink.close()


@contextmanager
def slow_link(port: int, each_way: float) -> Iterator[SlowLink]:
    """A link that is up."""
    link = SlowLink(port, each_way)
    thread = threading.Thread(target=link.accept, daemon=True)
    thread.start()
    try:
        yield link
    finally:
        link.close()
        thread.join()
