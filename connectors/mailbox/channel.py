"""The e-mail channel as the desk finds it by its entry point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from connectors.mailbox.settings import EmailSettings
from monitor.asking import Asked
from monitor.config import AccountSettings
from monitor.connector import Connector, Prospect, Question, Surroundings
from monitor.message import File

if TYPE_CHECKING:
    from connectors.oauth.login import TokenAccount


class EmailChannel:
    """The entry point: settings at once, everything else when an account is used."""

    name: ClassVar[str] = "email"
    settings: ClassVar[type[AccountSettings]] = EmailSettings
    title: ClassVar[str] = "e-mail: any mailbox with IMAP, Gmail, Microsoft 365"
    usual_name: ClassVar[str] = "support"

    def questions(self) -> Sequence[Asked]:
        """What `replyby init` asks about an account."""
        from connectors.mailbox.asking import QUESTIONS

        return QUESTIONS

    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        """A connector for one mailbox; it reaches no server yet."""
        from connectors.mailbox.connector import EmailConnector

        assert isinstance(settings, EmailSettings)
        return EmailConnector(settings, surroundings)

    def token_account(self, settings: AccountSettings) -> TokenAccount:
        """A mailbox as `replyby login` opens it."""
        from connectors.mailbox.login import MailboxLogin

        assert isinstance(settings, EmailSettings)
        return MailboxLogin(settings)

    def file(self, source: bytes, number: int) -> File:
        """An attachment of a mail."""
        from connectors.mailbox.parsing import file_of

        return file_of(source, number)

    def foresee(
        self, settings: AccountSettings, question: Question, text: str, way: str, now: datetime
    ) -> Prospect:
        """A mail goes to whoever asked, at any time and at any length."""
        return Prospect(f"a mail to {question.message.author.address}", files=True)

    def caveat(self, settings: AccountSettings) -> str:
        """All mail of the folders named is read."""
        return ""
