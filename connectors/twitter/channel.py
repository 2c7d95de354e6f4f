"""The X channel as the desk finds it by its entry point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from connectors.twitter.settings import TwitterSettings
from monitor.asking import Asked
from monitor.config import AccountSettings
from monitor.connector import Connector, Prospect, Question, Surroundings
from monitor.errors import NotFound
from monitor.message import File

if TYPE_CHECKING:
    from connectors.oauth.login import TokenAccount


class TwitterChannel:
    """The entry point: settings at once, tweepy only when an account is used."""

    name: ClassVar[str] = "twitter"
    settings: ClassVar[type[AccountSettings]] = TwitterSettings
    title: ClassVar[str] = "X (Twitter): posts and direct messages"
    usual_name: ClassVar[str] = "x"

    def questions(self) -> Sequence[Asked]:
        """What `replyby init` asks about an account."""
        from connectors.twitter.asking import QUESTIONS

        return QUESTIONS

    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        """A connector for one account at X; it reaches nothing yet."""
        from connectors.twitter.connector import TwitterConnector

        assert isinstance(settings, TwitterSettings)
        return TwitterConnector(settings, surroundings)

    def token_account(self, settings: AccountSettings) -> TokenAccount:
        """An account as `replyby login` opens it."""
        from connectors.twitter.login import TwitterLogin

        assert isinstance(settings, TwitterSettings)
        return TwitterLogin(settings)

    def file(self, source: bytes, number: int) -> File:
        """Pictures and films stay at X."""
        raise NotFound("files of posts stay at X: open the post there")

    def foresee(
        self, settings: AccountSettings, question: Question, text: str, way: str, now: datetime
    ) -> Prospect:
        """Whether X takes the answer, how long it thinks it is, and what it costs."""
        from connectors.twitter.prospect import foresee

        assert isinstance(settings, TwitterSettings)
        return foresee(settings, question, text, way)

    def caveat(self, settings: AccountSettings) -> str:
        """An empty list of direct messages doesn't mean that nobody wrote."""
        assert isinstance(settings, TwitterSettings)
        return "X's encrypted chat is not read" if settings.direct_messages else ""
