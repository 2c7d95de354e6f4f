"""How programs get tokens from the sandbox's X: OAuth 2.0 with PKCE, and its renewal."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.sandbox.x_auth import Door
from connectors.sandbox.x_routes import Answer

LIFETIME = 7200
AUTHORIZE = "/i/oauth2/authorize"
RENEW = "/2/oauth2/token"

_INVALID = Answer(
    400,
    {
        "error": "invalid_request",
        "error_description": "Value passed for the token was invalid.",
    },
)
_UNKNOWN = Answer(401, {"error": "unauthorized_client", "error_description": "Missing valid"})


def authorize(door: Door, query: Mapping[str, str]) -> Answer:
    """Send the browser back with a code, as if `door.agrees` had signed in and agreed."""
    wanted = ("client_id", "redirect_uri", "state", "code_challenge", "scope")
    if any(not query.get(name) for name in wanted) or query["client_id"] not in door.clients:
        return _INVALID
    back = {"state": query["state"]}
    if door.agrees:
        code = secrets.token_urlsafe(16)
        door.codes[code] = (door.agrees, dict(query))
        back["code"] = code
    else:
        back["error"] = "access_denied"
    return Answer(302, "", {"Location": f"{query['redirect_uri']}?{urlencode(back)}"})


def token(door: Door, form: Mapping[str, str], authorization: str) -> Answer:
    """Tokens for a code or for a refresh token, each of which can be used once."""
    if not _is_client(door, form, authorization):
        return _UNKNOWN
    if form.get("grant_type") == "authorization_code":
        return _for_code(door, form)
    pair = door.renew(form.get("refresh_token", ""))
    return _tokens(*pair) if pair else _INVALID


def _is_client(door: Door, form: Mapping[str, str], authorization: str) -> bool:
    """A public client names itself in the form, a confidential one proves itself in a header."""
    scheme, _, rest = authorization.partition(" ")
    if scheme == "Basic":
        name, _, secret = base64.b64decode(rest).decode().partition(":")
        return bool(secret) and door.clients.get(name) == secret
    return door.clients.get(form.get("client_id", "")) == ""


def _for_code(door: Door, form: Mapping[str, str]) -> Answer:
    user, asked = door.codes.pop(form.get("code", ""), (None, {}))
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    same = asked.get("redirect_uri") == form.get("redirect_uri")
    if user is None or asked.get("code_challenge") != challenge or not same:
        return _INVALID
    access, refresh = door.give_tokens(user)
    scope = asked["scope"]
    return _tokens(access, refresh if "offline.access" in scope.split() else "", scope)


def _tokens(access: str, refresh: str, scope: str = "") -> Answer:
    given = {"access_token": access, "token_type": "bearer", "expires_in": LIFETIME}
    more = {"refresh_token": refresh, "scope": scope}
    return Answer(200, given | {name: value for name, value in more.items() if value})
