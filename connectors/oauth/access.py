"""The access token of an account: renewed before its end, and once more where it is refused."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from connectors.oauth.grant import Client, SignInAgain, refreshed
from connectors.oauth.tokens import Tokens, TokenStore
from monitor.clock import Clock
from monitor.errors import AuthError, ConnectorError

_EARLY = timedelta(minutes=5)


def how_to_sign_in(account: str) -> str:
    """The remedy for everything that only a person can renew."""
    return f"run `replyby login {shlex.quote(account)}`"


class AccessTokens:
    """The access tokens of one account, shared with every other process that uses it."""

    def __init__(self, account: str, client: Client, store: TokenStore, clock: Clock) -> None:
        self._account = account
        self._client = client
        self._store = store
        self._clock = clock

    @property
    def remedy(self) -> str:
        """What a person can do about a token that isn't taken."""
        return how_to_sign_in(self._account)

    def current(self) -> str:
        """A token that is good for five minutes at least, or what there is while none is given.

        AuthError where a person has to sign in; a ConnectorError where the provider can't be asked.
        """
        kept = self._usable()
        if self._lasts(kept, _EARLY):
            return kept.access
        try:
            return self._renewed(lambda found: self._lasts(found, _EARLY))
        except AuthError:
            raise
        except ConnectorError:
            if self._lasts(kept, timedelta(0)):
                return kept.access
            raise

    def after_refusal(self, token: str) -> str:
        """Another one for a token that a mail server refuses although it has not ended."""
        return self._renewed(lambda kept: kept.access != token and self._lasts(kept, _EARLY))

    def _renewed(self, good: Callable[[Tokens], bool]) -> str:
        with self._store.locked():
            kept = self._usable()  # another process may have renewed them while we waited
            if good(kept):
                return kept.access
            # A full disk or a closed folder shows itself while the old refresh token is still good.
            self._store.save(kept)
            fresh = self._refreshed(kept)
            self._store.save(fresh)
        return fresh.access

    def _refreshed(self, kept: Tokens) -> Tokens:
        try:
            return refreshed(self._client, kept, self._clock())
        except SignInAgain as refusal:
            self._store.save(replace(kept, refresh="", refused=refusal.reason))
            raise AuthError(f"signed out: {refusal}", remedy=self.remedy) from None

    def _usable(self) -> Tokens:
        kept = self._store.load()
        if kept is None:
            raise AuthError("not signed in yet", remedy=self.remedy)
        if kept.source != self._client.source:
            raise AuthError("signed in with another client than this one", remedy=self.remedy)
        if kept.refused:
            raise AuthError(
                f"signed out: the provider refuses to renew ({kept.refused})", remedy=self.remedy
            )
        return kept

    def _lasts(self, kept: Tokens, span: timedelta) -> bool:
        return kept.ends - self._clock() > span
