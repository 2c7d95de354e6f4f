"""Signing in with a browser that comes back to this machine (RFC 8252), with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import queue
import secrets
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.oauth.grant import Client, refusal, tokens_in
from connectors.oauth.tokens import Tokens
from monitor.clock import Clock
from monitor.errors import AuthError, ConnectorError

_PAGE = (
    "<!doctype html><meta charset=utf-8><title>replyby</title>"
    "<p style='font: 1.2em sans-serif; margin: 3em'>{}</p>"
)
_DONE = "replyby has what it needs: go back to the terminal."
_REFUSED = "The sign-in was refused. The terminal says more."
_STRANGE = "This is not the answer that replyby waits for."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way through the browser: where it begins, where it ends, and the secrets in between."""

    address: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    answers: queue.SimpleQueue[str] = field(repr=False)


@contextmanager
def listening(client: Client, port: int = 0) -> Iterator[Attempt]:
    """Wait on loopback, at any free port where it is 0, for the browser to come back."""
    server = _listener(port)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    redirect = f"http://{client.provider.loopback}:{server.server_address[1]}"
    address = _authorization_address(client, redirect, state, verifier)
    attempt = Attempt(address, redirect, state, verifier, queue.SimpleQueue())
    server.attempt = attempt
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="sign-in")
    thread.start()
    try:
        yield attempt
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def finish(client: Client, attempt: Attempt, clock: Clock, patience: timedelta) -> Tokens:
    """Wait for the code and exchange it; AuthError where the person refuses or does nothing."""
    try:
        code = attempt.answers.get(timeout=patience.total_seconds())
    except queue.Empty:
        raise AuthError("nobody came back from the browser", remedy="run it again") from None
    if not code:
        raise AuthError("the sign-in was refused in the browser", remedy="run it again")
    asked = clock()
    answer = client.ask(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect,
            "code_verifier": attempt.verifier,
        }
    )
    if answer.status != 200:
        raise refusal(client, answer)
    return tokens_in(client, answer, asked)


def _authorization_address(client: Client, redirect: str, state: str, verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    form = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect,
        "scope": client.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | dict(client.provider.extra)
    url = client.provider.authorization_url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(form)}"


class _Listener(socketserver.ThreadingTCPServer):
    """Threads, because browsers open connections on which they say nothing."""

    daemon_threads = True
    allow_reuse_address = True
    attempt: Attempt

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is none of the terminal's business."""


class _Page(http.server.BaseHTTPRequestHandler):
    server: _Listener
    timeout = 10
    server_version, sys_version = "replyby", ""

    def do_GET(self) -> None:
        """Take the code where the state is the one that we gave away, and nothing else."""
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        state = given.get("state", "")
        if parts.path != "/" or not hmac.compare_digest(
            state.encode(), self.server.attempt.state.encode()
        ):
            return self._say(404, _STRANGE)
        code = "" if "error" in given else given.get("code", "")
        try:
            return self._say(200, _DONE if code else _REFUSED)
        finally:
            self.server.attempt.answers.put(code)

    def _say(self, status: int, text: str) -> None:
        page = _PAGE.format(text).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # its name there
        """Codes stand in what would be logged."""


def _listener(port: int) -> _Listener:
    try:
        return _Listener(("127.0.0.1", port), _Page)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "that is no port"
        raise ConnectorError(f"can't listen on 127.0.0.1:{port}: {reason}") from None
