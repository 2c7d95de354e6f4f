"""Far sides that speak HTTP by the byte: for what no well-behaved server would do."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket, bytes, threading.Event], None]


@contextlib.contextmanager
def far_side(talk: Talk) -> Iterator[str]:
    """Its origin; `talk` gets each connection, its first request, and when to stop."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, talk, over), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(listener: socket.socket, talk: Talk, over: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while not over.is_set():
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                talk(connection, connection.recv(65536), over)


def says(answer: bytes) -> Talk:
    """Sends this, and hangs up."""

    def talk(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        connection.sendall(answer)

    return talk


def trickles(start: bytes) -> Talk:
    """Sends this, and then a byte now and again for as long as anybody listens."""

    def talk(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.05):
            connection.sendall(b"x")

    return talk


def silent(connection: socket.socket, request: bytes, over: threading.Event) -> None:
    """Takes the request and says nothing."""
    over.wait()
