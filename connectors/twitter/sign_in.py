"""How an account signs in at X: by the four keys of OAuth 1.0a, or by a token that is renewed."""

from __future__ import annotations

from typing import Any

import tweepy

from connectors.twitter.api import Credentials
from connectors.twitter.settings import TwitterSettings
from monitor.clock import Clock
from monitor.secret import Secret


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


def credentials(settings: TwitterSettings, clock: Clock) -> Credentials:
    """The account's way in; nothing is read or asked for yet."""
    return SignedRequests(settings.keys)


def _client(**secrets: Any) -> tweepy.Client:
    return tweepy.Client(return_type=dict, wait_on_rate_limit=False, **secrets)
