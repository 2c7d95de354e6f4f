"""How an account signs in at X: by the four keys of OAuth 1.0a, or by a token that is renewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tweepy

from connectors.twitter.api import Credentials
from connectors.twitter.settings import TwitterSettings
from monitor.clock import Clock
from monitor.secret import Secret

if TYPE_CHECKING:  # only an account with tokens has to load what gets them
    from connectors.oauth.access import AccessTokens
    from connectors.oauth.grant import Client

_TOKENS = "https://api.x.com"
_SCOPES = ("tweet.read", "tweet.write", "users.read", "offline.access")
_MESSAGE_SCOPES = ("dm.read", "dm.write")


class SignedRequests:
    """OAuth 1.0a: each request is signed with the keys."""

    signs = True

    def __init__(self, keys: tuple[Secret, ...]) -> None:
        self._keys = keys

    def client(self) -> tweepy.Client:
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        secrets = [key.resolve() for key in self._keys]
        return _client(**dict(zip(names, secrets, strict=True)))

    def renewed(self) -> bool:
        return False


class BearerToken:
    """OAuth 2.0: a token of two hours, another one where X refuses it."""

    signs = False

    def __init__(self, access: AccessTokens) -> None:
        self._access = access
        self._get: Callable[[], str] = access.current
        self._token = ""

    def client(self) -> tweepy.Client:
        self._token = self._get()
        return _client(bearer_token=self._token)

    def renewed(self) -> bool:
        refused = self._token
        self._get = lambda: self._access.after_refusal(refused)
        return True


class GivenToken:
    """A token that was got just now, and isn't kept yet."""

    signs = False

    def __init__(self, token: str) -> None:
        self._token = token

    def client(self) -> tweepy.Client:
        return _client(bearer_token=self._token)

    def renewed(self) -> bool:
        return False


def credentials(settings: TwitterSettings, clock: Clock) -> Credentials:
    """The account's way in; nothing is read or asked for yet."""
    if not settings.oauth:
        return SignedRequests(settings.keys)
    from connectors.oauth.access import AccessTokens
    from connectors.oauth.tokens import token_store

    store = token_store(settings.oauth.tokens)
    return BearerToken(AccessTokens(settings.name, client_of(settings), store, clock))


def client_of(settings: TwitterSettings) -> Client:
    """The OAuth client of an account that has one."""
    from connectors.oauth.grant import Client
    from connectors.oauth.post import Way
    from connectors.oauth.providers import Provider

    assert settings.oauth
    section = settings.oauth
    provider = Provider(
        f"{settings.api_url or _TOKENS}/2/oauth2/token",
        section.authorization_url,
        scopes=_SCOPES + (_MESSAGE_SCOPES if settings.direct_messages else ()),
        basic=True,
        gone=("invalid_request",),
    )
    return Client(provider, section.client_id, section.client_secret, Way(settings.timeout))


def _client(**secrets: Any) -> tweepy.Client:
    return tweepy.Client(return_type=dict, wait_on_rate_limit=False, **secrets)
