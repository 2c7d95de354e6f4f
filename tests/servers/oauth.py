"""A provider of tokens on loopback: device codes, browser, renewal with rotation, and faults."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import secrets
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from .process import LOOPBACK

Form = dict[str, str]
Reply = tuple[int, object]

CLIENT, CLIENT_SECRET = "replyby-of-acme", "s3cret-of-the-client"
_numbers = itertools.count(1)


@dataclass
class Grant:
    """What a person has agreed to: until somebody is asked, `agreed` is None."""

    user: str
    agreed: bool | None = None
    form: Form = field(default_factory=dict)


class OAuthServer:
    """Gives tokens for `user` (whoever signs in is that one), and says whose a token is.

    What a test may set: `rotates` a renewal ends the old refresh token; `lifetime` in seconds of
    access tokens, None to leave it out; `faults` are answers given instead, one for each request
    to /token; `before_reply` is called when a renewal is done and its answer not yet sent, and
    `on_use` with every token that a mail server asks about.
    """

    def __init__(self, port: int = 0) -> None:
        self.user = ""
        self.rotates = True
        self.lifetime: object = 3600
        self.interval: object = 0.01
        self.gives_refresh = True
        self.faults: list[Reply] = []
        self.before_reply: Callable[[], None] = lambda: None
        self.on_use: Callable[[str], None] = lambda token: None
        self.asked: list[Form] = []
        self.introspected: list[str] = []
        self.access: dict[str, str] = {}
        self.refresh: dict[str, str] = {}
        self.devices: dict[str, Grant] = {}
        self.codes: dict[str, Grant] = {}
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @property
    def secrets(self) -> list[str]:
        """Everything that must be seen nowhere."""
        return [*self.access, *self.refresh, *self.devices, *self.codes, CLIENT_SECRET]

    @property
    def renewals(self) -> int:
        return sum(form.get("grant_type") == "refresh_token" for form in self.asked)

    def revoke(self) -> None:
        """Nobody who has signed in so far may go on."""
        self.access = dict.fromkeys(self.access, "")
        self.refresh = dict.fromkeys(self.refresh, "")

    def spoil(self) -> None:
        """Access tokens given so far open nothing, although they have not ended."""
        self.access = dict.fromkeys(self.access, "")

    # What is asked

    def token(self, form: Form) -> Reply:
        """The token address (RFC 6749, 3.2)."""
        self.asked.append(form)
        if self.faults:
            return self.faults.pop(0)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        kind = form.get("grant_type", "").rpartition(":")[2]
        known = {
            "refresh_token": self._renew,
            "authorization_code": self._exchange,
            "device_code": self._poll,
        }
        return known[kind](form) if kind in known else (400, {"error": "unsupported_grant_type"})

    def _renew(self, form: Form) -> Reply:
        old = form.get("refresh_token", "")
        user = self.refresh.get(old, "")
        if not user:
            said = f"AADSTS700082: The refresh token {old} has expired."
            return 400, {"error": "invalid_grant", "error_description": said}
        if self.rotates:
            self.refresh[old] = ""
        given = self.give(user)
        self.before_reply()
        return given

    def _exchange(self, form: Form) -> Reply:
        grant = self.codes.get(form.get("code", ""))
        if grant is None or not grant.agreed or not _proved(grant.form, form):
            return 400, {"error": "invalid_grant"}
        grant.agreed = False
        return self.give(grant.user)

    def _poll(self, form: Form) -> Reply:
        grant = self.devices.get(form.get("device_code", ""))
        if grant is None:
            return 400, {"error": "invalid_grant"}
        if grant.agreed is None:
            return 400, {"error": "authorization_pending"}
        return self.give(grant.user) if grant.agreed else (400, {"error": "access_denied"})

    def give(self, user: str) -> Reply:
        """A pair of tokens, as the token address answers."""
        number = next(_numbers)
        access, refresh = (f"{kind}{number}-{secrets.token_urlsafe(24)}" for kind in "ar")
        self.access[access] = user
        fields: dict[str, object] = {"access_token": access, "token_type": "Bearer"}
        if self.lifetime is not None:
            fields["expires_in"] = self.lifetime
        if self.gives_refresh and (self.rotates or not self.refresh):
            self.refresh[refresh] = user
            fields["refresh_token"] = refresh
        return 200, fields

    def device(self, form: Form) -> Reply:
        """The address for device codes (RFC 8628, 3.1)."""
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        code = f"device-{secrets.token_urlsafe(24)}"
        self.devices[code] = Grant(self.user, True)
        return 200, {
            "device_code": code,
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.url}/activate",
            "expires_in": 600,
            "interval": self.interval,
        }

    def authorize(self, query: Form) -> str:
        """Where the browser of a person who agrees is sent back to."""
        code = f"code-{secrets.token_urlsafe(24)}"
        self.codes[code] = Grant(self.user, True, query)
        return f"{query['redirect_uri']}/?{urlencode({'code': code, 'state': query['state']})}"

    def introspect(self, form: Form) -> Reply:
        """Whose mailbox a token opens (RFC 7662)."""
        token = form.get("token", "")
        self.introspected.append(token)
        self.on_use(token)
        user = self.access.get(token, "")
        return 200, {"active": bool(user), "username": user}


def _proved(begun: Form, form: Form) -> bool:
    """PKCE (RFC 7636, 4.6), and the same redirect address as at the beginning."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    same = begun.get("redirect_uri") == form.get("redirect_uri")
    return same and (begun.get("code_challenge_method"), begun.get("code_challenge")) == (
        "S256",
        challenge,
    )


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    provider: OAuthServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_POST(self) -> None:
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = {
            "/token": provider.token,
            "/device": provider.device,
            "/introspect": provider.introspect,
        }[urlsplit(self.path).path]
        status, answer = asked(form)
        headers = {"Content-Type": "application/json"}
        if 300 <= status < 400:
            headers["Location"] = str(answer)
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self._say(status, raw, headers)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._say(302, b"", {"Location": self.server.provider.authorize(query)})

    def _say(self, status: int, body: bytes, headers: Form) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
