"""How an account signs in at its mail servers: by password, or by a token that is renewed."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from connectors.mailbox.settings import EmailSettings, Server
from monitor.clock import Clock
from monitor.errors import AuthError, ConnectorError
from monitor.secret import Secret

if TYPE_CHECKING:  # only an account with tokens has to load what gets them
    from connectors.oauth.access import AccessTokens
    from connectors.oauth.grant import Client

T = TypeVar("T")
# Response codes of RFC 5530 with which a refused login says nothing about the credentials.
_NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
_MOST_CHALLENGES = 3
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_STATUS = re.compile(r"[\w.-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Password:
    """A name and its password, for LOGIN and AUTH PLAIN."""

    user: str
    secret: str = field(repr=False)
    remedy = "check the account's username and password, then poll again"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A name and an access token, for OAUTHBEARER and XOAUTH2."""

    user: str
    secret: str = field(repr=False)
    remedy = "sign in anew"


Credentials = Password | Bearer


class Unaccepted(AuthError):
    """A server refuses the credentials themselves; others may do."""


class SignIn(Protocol):
    """What makes an account's credentials when a connection is made."""

    def attempt(self, run: Callable[[Credentials], T]) -> T:
        """What `run` gives with the credentials; it is run again where others may help.

        So `run` raises Unaccepted only before it has done anything that may not be done twice.
        """


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """By a password, read when it is needed."""

    user: str
    password: Secret

    def attempt(self, run: Callable[[Credentials], T]) -> T:
        return run(Password(self.user, self.password.resolve()))


@dataclass(frozen=True, slots=True)
class TokenSignIn:
    """By an access token; one that is refused before its end is renewed, once."""

    user: str
    access: AccessTokens

    def attempt(self, run: Callable[[Credentials], T]) -> T:
        token = self.access.current()
        try:
            return run(Bearer(self.user, token))
        except Unaccepted:
            other = self.access.after_refusal(token)
        try:
            return run(Bearer(self.user, other))
        except Unaccepted as refusal:
            raise AuthError(
                f"{refusal}, with a new token too",
                remedy=f"{self.access.remedy} as this user; the mailbox must allow such programs",
            ) from None


def reading(settings: EmailSettings, clock: Clock) -> SignIn:
    """How the account signs in at its IMAP server."""
    if settings.oauth:
        return TokenSignIn(settings.user, _access(settings, clock))
    assert settings.password
    return PasswordSignIn(settings.user, settings.password)


def sending(settings: EmailSettings, clock: Clock) -> SignIn:
    """How the account signs in at its SMTP server, which may be somebody else's."""
    user = settings.smtp_username or settings.user
    secret = settings.smtp_password or settings.password
    return PasswordSignIn(user, secret) if secret else TokenSignIn(user, _access(settings, clock))


def client_of(settings: EmailSettings) -> Client:
    """The OAuth client of an account that has one."""
    from connectors.oauth.grant import Client
    from connectors.oauth.post import Way

    assert settings.oauth
    section = settings.oauth
    way = Way(settings.timeout, settings.ca)
    return Client(section.end_points, section.client_id, section.client_secret, way)


def _access(settings: EmailSettings, clock: Clock) -> AccessTokens:
    from connectors.oauth.access import AccessTokens
    from connectors.oauth.tokens import token_store

    assert settings.oauth
    store = token_store(settings.oauth.tokens)
    return AccessTokens(settings.name, client_of(settings), store, clock)


# SASL


class Exchange:
    """One SASL exchange (RFC 4422): called with each challenge, it gives the response.

    What we have to say is said at once; any further challenge is the server's reason for a refusal,
    of which `status` keeps the code, and which is answered so that the server may end it.
    """

    def __init__(self, mechanism: str, initial: bytes, last_word: bytes = b"") -> None:
        self.mechanism = mechanism
        self.status = ""
        self._initial = initial
        self._last_word = last_word
        self._said = 0

    def __call__(self, challenge: bytes) -> bytes:
        self._said += 1
        if self._said == 1:
            return self._initial
        if self._said > _MOST_CHALLENGES:
            raise ConnectorError("the mail server's questions at sign-in have no end")
        self.status = _status(challenge)
        return self._last_word


def exchange(credentials: Credentials, server: Server, offered: Collection[str]) -> Exchange | None:
    """The best that the server offers, its mechanisms in capitals; None means its own LOGIN.

    AuthError where it offers nothing for such credentials.
    """
    if isinstance(credentials, Bearer):
        return _bearer(credentials, server, offered)
    ascii_only = (credentials.user + credentials.secret).isascii()
    if ascii_only and "LOGINDISABLED" not in offered:
        return None
    if "PLAIN" not in offered:
        raise _no_password(server) if ascii_only else _no_unicode(server)
    return Exchange("PLAIN", f"\0{credentials.user}\0{credentials.secret}".encode())


def _no_password(server: Server) -> AuthError:
    return AuthError(
        f"{server.host} offers no way to sign in by password",
        remedy="set auth = 'oauth', if the provider wants tokens",
    )


def _no_unicode(server: Server) -> AuthError:
    return AuthError(
        f"{server.host} takes only ASCII in names and passwords",
        remedy="choose a password without accents or other such characters",
    )


def _bearer(credentials: Bearer, server: Server, offered: Collection[str]) -> Exchange:
    user, token = credentials.user, f"auth=Bearer {credentials.secret}\1\1"
    if "OAUTHBEARER" in offered:  # RFC 7628
        name = user.replace("=", "=3D").replace(",", "=2C")
        where = f"host={server.host}\1port={server.port}\1"
        return Exchange("OAUTHBEARER", f"n,a={name},\1{where}{token}".encode(), b"\1")
    if "XOAUTH2" in offered:
        return Exchange("XOAUTH2", f"user={user}\1{token}".encode())
    raise AuthError(
        f"{server.host} takes no tokens: it offers {_listed(offered)}",
        remedy="check the server's address, or sign in with auth = 'password'",
    )


def _listed(offered: Collection[str]) -> str:
    return ", ".join(sorted(name for name in offered if _STATUS.fullmatch(name))) or "nothing"


def _status(challenge: bytes) -> str:
    try:
        status = json.loads(challenge).get("status")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return str(status) if _STATUS.fullmatch(str(status)) else ""


def refused(
    server: Server, credentials: Credentials, answer: str, talk: Exchange | None
) -> ConnectorError:
    """A server's refusal in words: Unaccepted, or that nobody can be signed in just now."""
    said = scrubbed(answer, credentials)
    if any(code in answer.upper() for code in _NOT_NOW):
        return ConnectorError(f"{server.host} can't sign anyone in now: {said}")
    status = f" (status {talk.status})" if talk and talk.status else ""
    return Unaccepted(
        f"{server.host} refuses to sign in '{credentials.user}': {said}{status}",
        remedy=credentials.remedy,
    )


def scrubbed(answer: str, credentials: Credentials) -> str:
    """What a server says, without what we told it, in base64 or not."""
    said = answer.replace(credentials.secret, "***") if credentials.secret else answer
    return _LONG_WORD.sub("***", said)


def decoded(challenge: bytes) -> bytes:
    """A challenge out of its base64, b"" where it is none."""
    try:
        return base64.b64decode(challenge, validate=True)
    except binascii.Error:
        return b""
