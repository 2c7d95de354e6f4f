"""What the played platforms that speak HTTP share: one port, silence, bytes that trickle."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from connectors.sandbox.played import Played

_BODY_MOST = 2**20


class PlayedHttp(Played):
    """A platform on loopback; its port stays the same once it was started."""

    handler: ClassVar[type[PlayedHandler]]

    def __init__(self) -> None:
        self.over = threading.Event()
        self._port = 0
        self._listener: _Listener | None = None

    @abstractmethod
    def now(self) -> datetime:
        """The time there."""

    @property
    def url(self) -> str:
        """What `api_url` of an account has to be; the port is 0 before the first start."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen; harmless when it does already."""
        if self._listener is None:
            self.over.clear()
            self._listener = _Listener(self._port, self)
            self._port = self._listener.server_address[1]
            threading.Thread(
                target=self._listener.serve_forever, args=(0.02,), name="sandbox-http", daemon=True
            ).start()

    def stop(self) -> None:
        """Hang up on everybody and listen no more; harmless if stopped."""
        listener, self._listener = self._listener, None
        if listener:
            self.over.set()
            listener.shutdown()
            listener.server_close()
            listener.hang_up()


class _Listener(socketserver.ThreadingTCPServer):
    """A thread for each caller, and a way to cut them all off."""

    daemon_threads = True
    allow_reuse_address = True
    # Hundreds of conversations of a test begin at once.
    request_queue_size = 128

    def __init__(self, port: int, played: PlayedHttp) -> None:
        self.played = played
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), played.handler)

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

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is none; anything else is a fault in here, and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class PlayedHandler(BaseHTTPRequestHandler):
    """One connection; `serve` answers a call by `say`, `say_nothing` or `cut`."""

    protocol_version = "HTTP/1.1"
    # Header and body in one packet: two would wait for each other's acknowledgement, 40 ms.
    wbufsize = -1
    # Else the end of a long answer waits 40 ms for the caller to acknowledge its beginning.
    disable_nagle_algorithm = True
    server: _Listener

    @abstractmethod
    def serve(self) -> None:
        """One call."""

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def body(self) -> bytes:
        """What was sent, within reason."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _BODY_MOST))

    def say(
        self, status: int, data: bytes, headers: Mapping[str, str], trickle: float = 0.0
    ) -> None:
        """Answer; with `trickle` one byte in so many seconds."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not trickle:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.played.over.wait(trickle):
                return

    def say_nothing(self) -> None:
        """Keep the caller waiting until the platform is stopped."""
        self.server.played.over.wait()
        self.cut()

    def cut(self) -> None:
        """Hang up without a word."""
        self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """By the platform's own clock."""
        return super().date_time_string(timestamp or self.server.played.now().timestamp())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tokens stand in what would be logged."""
