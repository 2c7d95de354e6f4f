"""What every played platform is: started, listening, and stopped again whatever happens."""

from __future__ import annotations

import socket
import socketserver
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any, Self


class Played(ABC):
    """Runs as long as its `with` block."""

    @abstractmethod
    def start(self) -> None:
        """Listen; harmless if it does already."""

    @abstractmethod
    def stop(self) -> None:
        """Listen no more; harmless if stopped."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


class Listener(socketserver.ThreadingTCPServer):
    """A thread for each caller, and a way to cut them all off."""

    daemon_threads = True
    allow_reuse_address = True
    # Hundreds of conversations of a test begin at once.
    request_queue_size = 128

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Cut every connection that is open."""
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
