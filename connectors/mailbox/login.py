"""Signing in to a mailbox with tokens: where they are got, and whether they open it."""

from __future__ import annotations

from connectors.mailbox import smtp
from connectors.mailbox.imap.connection import tls_context
from connectors.mailbox.imap.session import Session
from connectors.mailbox.settings import EmailSettings, parse_server
from connectors.mailbox.sign_in import Bearer, client_of
from connectors.oauth.tokens import Tokens
from monitor.errors import AuthError, ConnectorError, UsageError


class MailboxLogin:
    """A mailbox whose provider wants tokens."""

    def __init__(self, settings: EmailSettings) -> None:
        if settings.oauth is None:
            raise UsageError(
                f"'{settings.name}' signs in by its password, which config.toml refers to: there "
                "is nothing to do; set auth = 'oauth' if its provider wants tokens"
            )
        self._settings = settings
        self.client = client_of(settings)
        self.place = settings.oauth.tokens

    def problem_reading(self, tokens: Tokens) -> str:
        """What keeps the mailbox from being read; AuthError where it refuses."""
        settings, session = self._settings, None
        try:
            session = Session(parse_server(settings.imap), settings.ca, settings.timeout)
            session.sign_in(Bearer(settings.user, tokens.access))
        except AuthError as error:
            remedy = f"sign in as {settings.user}, and allow programs into the mailbox (IMAP)"
            raise AuthError(f"{error}; nothing was kept", remedy=remedy) from None
        except ConnectorError as error:
            return f"the mailbox could not be tried: {error}"
        finally:
            if session:
                session.close()
        return ""

    def problem_sending(self, tokens: Tokens) -> str:
        """What keeps mail from being sent."""
        settings = self._settings
        if settings.smtp_password:
            return ""
        bearer = Bearer(settings.smtp_username or settings.user, tokens.access)
        try:
            server = parse_server(settings.smtp)
            smtp.try_out(server, tls_context(settings.ca), settings.timeout, bearer)
        except ConnectorError as error:
            return f"reading works, sending does not: {error}"
        return ""
