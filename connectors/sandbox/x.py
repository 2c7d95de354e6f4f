"""X played inside this process: its API v2 on loopback, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox import x_tokens
from connectors.sandbox.played_http import PlayedHandler, PlayedHttp
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


class _Handler(PlayedHandler):
    def serve(self) -> None:
        x, body = self.server.played, self.body()
        assert isinstance(x, XServer)
        if x.faults.silent:
            self.say_nothing()
            return
        if x.faults.garbage:
            self._answer(x, Answer(200, NONSENSE))
            return
        caller = self.headers.get("Authorization") or ""
        answer = x.answer(self.command, self.path, caller, body)
        for watcher in x.watchers:
            watcher(Exchange(self.command, self.path, caller, body, answer))
        if x.faults.take_cut(self.command):
            self.cut()
        else:
            self._answer(x, answer)

    def _answer(self, x: XServer, answer: Answer) -> None:
        html = isinstance(answer.body, str)
        data = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        plain = "application/json" if answer.status < 400 else "application/problem+json"
        kind = "text/html" if html else f"{plain}; charset=utf-8"
        headers = {"Content-Type": kind, **answer.headers}
        self.say(answer.status, data.encode(), headers, x.faults.trickle)


class XServer(PlayedHttp):
    """X: who is there and what they wrote is in `world`, who may call in `door`.

    `renamed` answers in the newer spelling of fields (`referenced_posts`). `watchers` are told of
    every exchange before its answer is sent. All may be used from any thread.
    """

    handler = _Handler

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.world = World(clock)
        self.door = Door()
        self.limits = Limits(clock)
        self.faults = XFaults()
        self.renamed = False
        self.watchers: list[Callable[[Exchange], None]] = []

    def now(self) -> datetime:
        """By the clock of its world."""
        return self.world.clock()

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
