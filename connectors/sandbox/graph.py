"""The Graph API played on loopback over real HTTP: a page, its token, limits and troubles."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox.graph_calls import Calls
from connectors.sandbox.graph_data import Page
from connectors.sandbox.graph_fields import GraphError
from connectors.sandbox.graph_token import Permit
from connectors.sandbox.played_http import PlayedHandler, PlayedHttp

_PATH = re.compile(r"/v(\d{1,3}\.\d)/(.*)")
_SECRET = ("access_token", "appsecret_proof", "input_token")
_TRICKLE_SECONDS = 0.05

Method = Literal["GET", "POST"]


@dataclass(eq=False)
class Troubles:
    """What may be made to go wrong, at any time and from any thread; all is well at first.

    `silent`: calls are taken and nothing is said. `trickle`: a byte now and again. `page`: HTML
    with this status in place of every answer. `cut_after_write`: so many writes are done and then
    hung up on. `cut_from_then`: after such a one nothing is answered any more. `percent` and
    `regain_minutes` stand in the usage headers. `barred`: edges that the token may not read.
    """

    silent: bool = False
    trickle: bool = False
    page: int = 0
    cut_after_write: int = 0
    cut_from_then: bool = False
    dead: bool = False
    percent: int = 3
    regain_minutes: int = 0
    barred: dict[str, GraphError] = field(default_factory=dict)
    _errors: deque[tuple[Method, GraphError]] = field(default_factory=deque)

    def fail_next(self, method: Method, error: GraphError) -> None:
        """Answer the next call of this kind with the error; calls add up."""
        self._errors.append((method, error))

    def take_error(self, method: str) -> GraphError | None:
        """The error to answer with, used up by asking; None when all is well."""
        for entry in list(self._errors):
            if entry[0] == method:
                self._errors.remove(entry)
                return entry[1]
        return None

    def check(self, asked: Asked) -> None:
        """Raise what stands in the way of this call."""
        if error := self.take_error(asked.method):
            raise error
        expanded = "" if asked.edge else asked.args.get("fields", "")
        for edge, error in self.barred.items():
            if asked.edge == edge or f"{edge}." in expanded:
                raise error

    def takes_cut(self) -> bool:
        """Whether to hang up on a write that is done."""
        if self.cut_after_write <= 0:
            return False
        self.cut_after_write -= 1
        self.dead = self.cut_from_then
        return True

    def mend(self) -> None:
        """All is well again."""
        self.silent = self.trickle = self.cut_from_then = self.dead = False
        self.page = self.cut_after_write = self.regain_minutes = 0
        self.percent = 3
        self.barred.clear()
        self._errors.clear()


class Asked(NamedTuple):
    """A call as it came: its path without the version, its parameters without the secret ones."""

    method: str
    path: str
    args: Mapping[str, str]

    @property
    def edge(self) -> str:
        """What of the object is asked for, "" for itself."""
        return self.path.partition("/")[2]


class _Handler(PlayedHandler):
    def serve(self) -> None:
        graph = self.server.played
        assert isinstance(graph, GraphServer)
        troubles, args = graph.troubles, self._args()
        if troubles.dead:
            self.cut()
        elif troubles.silent:
            self.say_nothing()
        elif troubles.page:
            html = b"<html>Sorry, something went wrong.</html>"
            self.say(troubles.page, html, {"Content-Type": "text/html"})
        else:
            self._answer(graph, args)

    def _args(self) -> dict[str, str]:
        given = parse_qsl(urlsplit(self.path).query, keep_blank_values=True)
        return dict(given + parse_qsl(self.body().decode(), keep_blank_values=True))

    def _answer(self, graph: GraphServer, args: dict[str, str]) -> None:
        status, body = self._answered(graph, args)
        if self.command == "POST" and status == 200 and graph.troubles.takes_cut():
            self.cut()
            return
        headers = {"Content-Type": "application/json; charset=UTF-8", **graph.usage_headers()}
        trickle = _TRICKLE_SECONDS if graph.troubles.trickle else 0.0
        self.say(status, body, headers, trickle)

    def _answered(self, graph: GraphServer, args: dict[str, str]) -> tuple[int, bytes]:
        try:
            return 200, _json(graph.answer(self.command, urlsplit(self.path).path, args))
        except GraphError as error:
            return error.status, _json({"error": error.body})


class GraphServer(PlayedHttp):
    """One page behind the Graph API. Use it as a context manager, or `start` and `stop` it.

    `page` is what customers and colleagues do; `troubles` what goes wrong; `asked` every call;
    `permit` what its token allows.
    With an `app_secret` each call has to be proven by it.
    """

    handler = _Handler

    def __init__(
        self, token: str, *, app_secret: str = "", clock: Callable[[], datetime] | None = None
    ) -> None:
        self.page = Page(clock)
        super().__init__()
        self.calls = Calls(self.page)
        self.troubles = Troubles()
        self.permit = Permit()
        self.asked: list[Asked] = []
        self.expired = False
        self._token = token
        self._app_secret = app_secret

    def now(self) -> datetime:
        """By the clock of its page."""
        return self.page.clock()

    def answer(self, method: str, path: str, args: Mapping[str, str]) -> dict[str, Any]:
        """What a call brings, its token checked; GraphError where it brings nothing."""
        version = _PATH.fullmatch(path)
        if not version:
            raise GraphError(2500, "Unknown path components")
        asked = Asked(method, version[2], {k: args[k] for k in args if k not in _SECRET})
        self.asked.append(asked)
        self._check_token(version[2], args)
        self.troubles.check(asked)
        if version[2] in ("app", "debug_token"):
            return self._about_the_token(version[2], args)
        with self.page.lock:
            if method == "POST":
                return self.calls.post(version[2], args)
            query = {k: v for k, v in args.items() if k != "appsecret_proof"}
            return self.calls.get(version[2], query, f"{self.url}/v{version[1]}")

    def _check_token(self, path: str, args: Mapping[str, str]) -> None:
        token, asks_about_it = args.get("access_token", ""), path == "debug_token"
        app = f"{self.permit.app}|{self._app_secret}"
        if asks_about_it and self._app_secret and token == app:
            self._check_proof(token, args)
            return
        if self.expired:
            said = "Error validating access token: Session has expired."
            raise GraphError(190, said, subcode=463, status=401)
        if token != self._token:
            # As the real one does it: the token stands in the words.
            raise GraphError(190, f"Malformed access token {token}", status=401)
        self._check_proof(token, args)
        if asks_about_it and not self.permit.tells_of_itself:
            raise GraphError(100, "You must provide an app access token, or a developer's")

    def _about_the_token(self, path: str, args: Mapping[str, str]) -> dict[str, Any]:
        if path == "app":
            return {"id": self.permit.app}
        known = args.get("input_token") == self._token
        return {"data": self.permit.described(self.page, known=known)}

    def _check_proof(self, token: str, args: Mapping[str, str]) -> None:
        proof = hmac.new(self._app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if self._app_secret and args.get("appsecret_proof") != proof:
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")

    def usage_headers(self) -> dict[str, str]:
        """The headers that say how much of the limit is used up."""
        troubles = self.troubles
        figures = {"call_count": troubles.percent, "total_cputime": 1, "total_time": 1}
        entry: dict[str, object] = {"type": "pages", **figures}
        entry["estimated_time_to_regain_access"] = troubles.regain_minutes
        return {
            "X-App-Usage": json.dumps(figures),
            "X-Business-Use-Case-Usage": json.dumps({self.page.me.id: [entry]}),
            "facebook-api-version": "v25.0",
        }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


__all__ = ["GraphError", "GraphServer", "Troubles"]
