"""X played inside this process: its API v2 on loopback, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox import x_tokens
from connectors.sandbox.played import Listener, Played
from connectors.sandbox.x_auth import Door
from connectors.sandbox.x_limits import Limits
from connectors.sandbox.x_routes import ROUTES, Answer, Request, Route, parsed, problem
from connectors.sandbox.x_world import World

NONSENSE = "<!DOCTYPE html><html><body>\ufffd Something is technically wrong.</body></html>"
_LIMITED = problem(429, "Too Many Requests", "Too Many Requests")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came, and what it was answered."""

    method: str
    target: str
    authorization: str
    body: bytes
    answer: Answer


@dataclass
class XFaults:
    """The troubles that a test can cause; they may be changed at any time.

    `silent` answers nothing until it is mended. `garbage` answers everything with HTML and 200.
    `trickle` sends one byte in so many seconds. `cut_writes` is how many writes are done and then
    cut off without a word, `mute_after_cut` whether all reads fail from then on.
    `blank_pages` is how many of the next pages come empty, with a link to the next one.
    `planned` are answers given once instead of the real one, None for the real one: (method, how
    the path begins, answer).
    """

    silent: bool = False
    garbage: bool = False
    trickle: float = 0.0
    cut_writes: int = 0
    mute_after_cut: bool = False
    mute: bool = False
    blank_pages: int = 0
    planned: list[tuple[str, str, Answer | None]] = field(default_factory=list)

    def plan(self, method: str, path: str, answer: Answer, *, after: int = 0) -> None:
        """Give this answer the next time that such a path is asked for, after so many real ones."""
        self.planned += [(method, path, None)] * after
        self.planned.append((method, path, answer))

    def due(self, method: str, path: str) -> Answer | None:
        """The answer to give in place of the real one, used up by asking."""
        for fault in self.planned:
            if fault[0] == method and path.startswith(fault[1]):
                self.planned.remove(fault)
                return fault[2]
        if self.mute and method == "GET":
            return problem(503, "Service Unavailable", "Service Unavailable")
        return None

    def take_cut(self, method: str) -> bool:
        """Whether to hang up on a write that is done."""
        if method != "POST" or self.cut_writes <= 0:
            return False
        self.cut_writes -= 1
        self.mute = self.mute_after_cut
        return True

    def take_blank(self) -> bool:
        """Whether the next page is empty."""
        self.blank_pages -= 1
        return self.blank_pages >= 0

    def mend(self) -> None:
        """All is well again."""
        self.silent = self.garbage = self.mute = self.mute_after_cut = False
        self.trickle = 0.0
        self.cut_writes = self.blank_pages = 0
        self.planned.clear()


class XServer(Played):
    """X: who is there and what they wrote is in `world`, who may call in `door`.

    `renamed` answers in the newer spelling of fields (`referenced_posts`). `watchers` are told of
    every exchange before its answer is sent. All may be used from any thread.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.world = World(clock)
        self.door = Door()
        self.limits = Limits(clock)
        self.faults = XFaults()
        self.renamed = False
        self.watchers: list[Callable[[Exchange], None]] = []
        self.quit = threading.Event()
        self._port = 0
        self._server: _Listener | None = None

    @property
    def url(self) -> str:
        """What `api_url` of an account has to be; the port stays the same once it was started."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen; harmless when it does already."""
        if self._server is None:
            self.quit.clear()
            self._server = _Listener(("127.0.0.1", self._port), _Handler)
            self._server.x = self
            self._port = self._server.server_address[1]
            threading.Thread(
                target=self._server.serve_forever, args=(0.02,), name="sandbox-x", daemon=True
            ).start()

    def stop(self) -> None:
        """Hang up on everybody and listen no more; harmless if stopped."""
        server, self._server = self._server, None
        if server:
            self.quit.set()
            server.shutdown()
            server.server_close()
            server.hang_up()

    def answer(self, method: str, target: str, authorization: str, body: bytes) -> Answer:
        """What X says to a request."""
        path = urlsplit(target).path
        if path == x_tokens.AUTHORIZE:
            return x_tokens.authorize(self.door, dict(parse_qsl(urlsplit(target).query)))
        if path == x_tokens.RENEW:
            form = dict(parse_qsl(body.decode("ascii", "replace")))
            return x_tokens.token(self.door, form, authorization)
        if planned := self.faults.due(method, path):
            return planned
        for route in ROUTES:
            values = route.match(method, path)
            if values is not None:
                return self._at(route, target, authorization, body, values)
        return problem(404, "Not Found", "Not Found")

    def _at(
        self, route: Route, target: str, authorization: str, body: bytes, values: list[str]
    ) -> Answer:
        caller = self.door.caller(route.method, target, authorization)
        if caller is None:
            return problem(401, "Unauthorized", "Unauthorized")
        allowed, headers = self.limits.take(f"{route.method} {route.name}", route.most)
        if not allowed:
            return Answer(429, _LIMITED.body, headers)
        query = dict(parse_qsl(urlsplit(target).query))
        lists = route.method == "GET" and "max_results" in query
        request = Request(
            caller, self.world, values, query, parsed(body), self.renamed,
            lists and self.faults.take_blank(),
        )  # fmt: skip
        answer = route.answer(request)
        if authorization.startswith("OAuth "):
            headers["x-access-level"] = self.door.level
        return Answer(answer.status, answer.body, headers)


class _Listener(Listener):
    x: XServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nobody's business."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        x = self.server.x
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if x.faults.silent:
            x.quit.wait()
            self.close_connection = True
            return
        if x.faults.garbage:
            self._say(Answer(200, NONSENSE))
            return
        caller = self.headers.get("Authorization") or ""
        answer = x.answer(self.command, self.path, caller, body)
        for watcher in x.watchers:
            watcher(Exchange(self.command, self.path, caller, body, answer))
        if x.faults.take_cut(self.command):
            self.close_connection = True
            return
        self._say(answer)

    def _say(self, answer: Answer) -> None:
        html = isinstance(answer.body, str)
        data = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        plain = "application/json" if answer.status < 400 else "application/problem+json"
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html" if html else f"{plain}; charset=utf-8")
        self.send_header("Content-Length", str(len(data.encode())))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._send(data.encode())

    def _send(self, data: bytes) -> None:
        pause = self.server.x.faults.trickle
        if not pause:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.x.quit.wait(pause):
                return

    def date_time_string(self, timestamp: float | None = None) -> str:
        """By the clock of this world."""
        return super().date_time_string(timestamp or self.server.x.world.clock().timestamp())

    def log_message(self, format: str, *args: object) -> None:
        """Tokens stand in what would be logged."""
