"""Who calls the sandbox's X: OAuth 1.0a signatures, really verified (RFC 5849), or tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from connectors.sandbox.x_world import User

_PAIR = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
_OLDEST = 300  # seconds that a signature's timestamp may be off
SIGNED_FOR = "https://api.twitter.com"


@dataclass(frozen=True, slots=True)
class Keys:
    """The four keys of OAuth 1.0a: of the program, and of the user who let it in."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str


@dataclass
class Door:
    """Every key and token that lets somebody in; signatures count once, and for X's own host.

    `clients` are the programs that may ask for tokens, with their secrets, "" where they have
    none; `agrees` is whose account is signed in in the browser that is sent to X, if anybody's.
    `level` is what the programs with keys may do, as X's answers name it.
    """

    keys: dict[str, tuple[Keys, User]] = field(default_factory=dict)
    bearers: dict[str, User] = field(default_factory=dict)
    refreshes: dict[str, User] = field(default_factory=dict)
    clients: dict[str, str] = field(default_factory=dict)
    codes: dict[str, tuple[User, dict[str, str]]] = field(default_factory=dict)
    agrees: User | None = None
    level: str = "read-write-directmessages"
    _nonces: set[str] = field(default_factory=set)

    def give_keys(self, user: User) -> Keys:
        """Keys with which a program acts as the user; their access token begins with its id."""
        token = f"{user.id}-{secrets.token_hex(16)}"
        made = Keys(secrets.token_hex(12), secrets.token_hex(24), token, secrets.token_hex(22))
        self.keys[token] = (made, user)
        return made

    def give_tokens(self, user: User) -> tuple[str, str]:
        """An access token of OAuth 2.0, and the token that renews it once."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.bearers[access], self.refreshes[refresh] = user, user
        return access, refresh

    def renew(self, refresh: str) -> tuple[str, str] | None:
        """New tokens for a refresh token, which is used up by it; None where it is none."""
        user = self.refreshes.pop(refresh, None)
        return self.give_tokens(user) if user else None

    def caller(self, method: str, target: str, authorization: str) -> User | None:
        """Who signed this request, None where nobody did who may."""
        scheme, _, rest = authorization.partition(" ")
        if scheme == "Bearer":
            return self.bearers.get(rest)
        if scheme != "OAuth":
            return None
        given = {name: unquote(value) for name, value in _PAIR.findall(rest)}
        return self._signer(method, target, given)

    def _signer(self, method: str, target: str, given: Mapping[str, str]) -> User | None:
        found = self.keys.get(given.get("oauth_token", ""))
        if not found or not self._is_fresh(given):
            return None
        keys, user = found
        right = keys.consumer_key == given.get("oauth_consumer_key")
        signed = signature(method, target, given, keys)
        if right and hmac.compare_digest(signed, given.get("oauth_signature", "")):
            return user
        return None

    def _is_fresh(self, given: Mapping[str, str]) -> bool:
        nonce, stamp = given.get("oauth_nonce", ""), given.get("oauth_timestamp", "")
        if not nonce or nonce in self._nonces or not stamp.isdigit():
            return False
        self._nonces.add(nonce)
        return abs(time.time() - int(stamp)) <= _OLDEST


def signature(method: str, target: str, given: Mapping[str, str], keys: Keys) -> str:
    """HMAC-SHA1 over the base string of RFC 5849, 3.4.1; bodies of JSON take no part in it."""
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs += [(name, value) for name, value in given.items() if name != "oauth_signature"]
    encoded = sorted((_percent(name), _percent(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in encoded)
    base = "&".join(map(_percent, (method, SIGNED_FOR + parts.path, joined)))
    key = f"{_percent(keys.consumer_secret)}&{_percent(keys.access_token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), hashlib.sha1)).decode()


def _percent(text: str) -> str:
    """Percent-encoding of RFC 5849, 3.6."""
    return quote(text, safe="-._~")
