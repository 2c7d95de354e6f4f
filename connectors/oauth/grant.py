"""Tokens asked for at a provider's token address, and what its refusals mean (RFC 6749)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote_plus

from connectors.oauth.post import Answer, Way, host_of, post
from connectors.oauth.providers import Provider
from connectors.oauth.tokens import Tokens
from monitor.errors import AuthError, ConnectorError, RateLimited
from monitor.secret import Secret

_USUAL = timedelta(hours=1)
_LONGEST = timedelta(days=30)
_BEARER = re.compile(r"[A-Za-z0-9._~+/=|!$%&*:;,@#?^{}()\[\]<>'-]{1,16384}")
_CODE = re.compile(r"[a-z_]{1,40}")
_MICROSOFT_CODE = re.compile(r"AADSTS\d{1,9}")
_GONE = (
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
    "access_denied",
)
_SCOPE = re.compile(r"[ -~]{1,4000}")
_REMEDIES = {
    "invalid_client": "check client_id and client_secret of the account",
    "unauthorized_client": "check how the client is registered with the provider",
    "invalid_scope": "check `scopes` of the account, and what the client may ask for",
}


class SignInAgain(AuthError):
    """The provider won't renew: only a person who signs in anew can help."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, and where: a client that the operator registered with the provider."""

    provider: Provider
    client_id: str
    secret: Secret | None
    way: Way

    @property
    def source(self) -> str:
        """What tokens are bound to."""
        return f"{self.client_id} {self.provider.token_url}"

    @property
    def scope(self) -> str:
        """The scopes as a form holds them."""
        return " ".join(self.provider.scopes)

    def ask(self, form: Mapping[str, str]) -> Answer:
        """Post to the token address, with who we are."""
        return self.ask_at(self.provider.token_url, form)

    def ask_at(self, url: str, form: Mapping[str, str]) -> Answer:
        """Post to another address of the provider's, with who we are."""
        if self.secret and self.provider.basic:
            return post(url, form, self.way, {"Authorization": self._basic(self.secret)})
        who = {"client_id": self.client_id}
        if self.secret:
            who["client_secret"] = self.secret.resolve()
        return post(url, who | dict(form), self.way)

    def _basic(self, secret: Secret) -> str:
        pair = f"{quote_plus(self.client_id)}:{quote_plus(secret.resolve())}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


def refreshed(client: Client, kept: Tokens, now: datetime) -> Tokens:
    """New tokens for old ones; the refresh token is the old one where no other came (RFC 6749, 6).

    SignInAgain where the provider won't; AuthError where the client is wrong; else a ConnectorError
    that says nothing against the tokens.
    """
    answer = client.ask({"grant_type": "refresh_token", "refresh_token": kept.refresh})
    if answer.status != 200:
        raise refusal(client, answer)
    fresh = tokens_in(client, answer, now)
    scope = _scope(answer) or kept.scope
    return replace(fresh, refresh=fresh.refresh or kept.refresh, scope=scope)


def tokens_in(client: Client, answer: Answer, now: datetime) -> Tokens:
    """The tokens of a good answer to a question that was asked at `now`."""
    fields, host = answer.fields, host_of(client.provider.token_url)
    access, refresh = fields.get("access_token"), fields.get("refresh_token", "")
    kind = fields.get("token_type", "Bearer")
    if not _is_token(access) or not (refresh == "" or _is_token(refresh)):
        raise ConnectorError(f"{host} answers with no token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ConnectorError(f"{host} gives a kind of token that mail servers don't take")
    ends = now + _lifetime(fields.get("expires_in"))
    scope = _scope(answer) or client.scope
    return Tokens(str(access), str(refresh), ends, client.source, scope=scope)


def refusal(client: Client, answer: Answer) -> ConnectorError:
    """What an answer other than tokens means; of its text only known codes are repeated."""
    host, status, error = host_of(client.provider.token_url), answer.status, error_of(answer)
    said = f"{host} answered {error or 'with an error'} ({_codes(answer, status)})"
    if status == 429:
        return RateLimited(said, retry_after=answer.retry_after)
    if status < 500 and error in (*_GONE, *client.provider.gone):
        return SignInAgain(said, error)
    if status < 500 and error in _REMEDIES:
        return AuthError(said, remedy=_REMEDIES[error])
    return ConnectorError(said, retry_after=answer.retry_after)


def error_of(answer: Answer) -> str:
    """The error code of RFC 6749, 5.2, or "" where there is none."""
    code = answer.fields.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _codes(answer: Answer, status: int) -> str:
    """The status, and Microsoft's own code, which tells its many refusals apart."""
    description = answer.fields.get("error_description")
    found = _MICROSOFT_CODE.search(description) if isinstance(description, str) else None
    return f"{status}, {found[0]}" if found else str(status)


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(_BEARER.fullmatch(value))


def _scope(answer: Answer) -> str:
    """What was granted, "" where that is what was asked for (RFC 6749, 5.1)."""
    scope = answer.fields.get("scope")
    return scope if isinstance(scope, str) and _SCOPE.fullmatch(scope) else ""


def _lifetime(expires_in: object) -> timedelta:
    """In seconds, which some servers write as text; an hour where that means nothing."""
    text = str(expires_in)
    if isinstance(expires_in, bool) or not re.fullmatch(r"\d{1,10}", text) or int(text) == 0:
        return _USUAL
    return min(timedelta(seconds=int(text)), _LONGEST)
