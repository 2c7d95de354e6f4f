"""Signing in to an account at X with tokens: where they are got, and whether they open it."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.oauth.tokens import Tokens
from connectors.twitter.api import Api
from connectors.twitter.limits import Windows
from connectors.twitter.settings import TwitterSettings
from connectors.twitter.sign_in import GivenToken, client_of
from monitor.errors import AuthError, ConnectorError, UsageError


class TwitterLogin:
    """An account that signs in by OAuth 2.0."""

    def __init__(self, settings: TwitterSettings) -> None:
        if settings.oauth is None:
            raise UsageError(
                f"'{settings.name}' signs in by its four keys: there is nothing to do; give it a "
                "section [accounts.oauth] instead of them to sign in here"
            )
        self._settings = settings
        self.client = client_of(settings)
        self.place = settings.oauth.tokens

    def problem_reading(self, tokens: Tokens) -> str:
        """What keeps X from saying who is signed in; AuthError where it refuses."""
        settings = self._settings
        api = Api(
            GivenToken(tokens.access), settings.api_url, settings.timeout, Windows(),
            lambda: datetime.now(UTC),
        )  # fmt: skip
        try:
            api.me()
        except AuthError as error:
            raise AuthError(f"{error}; nothing was kept", remedy=error.remedy) from None
        except ConnectorError as error:
            return f"X could not be tried: {error}"
        finally:
            api.close()
        return ""

    def problem_sending(self, tokens: Tokens) -> str:
        """Nothing that could be known without sending something."""
        return ""
