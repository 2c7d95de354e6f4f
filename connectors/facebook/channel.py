"""The Facebook channel as the desk finds it by its entry point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from connectors.facebook.settings import FacebookSettings
from monitor.asking import Asked
from monitor.config import AccountSettings
from monitor.connector import Connector, Prospect, Question, Surroundings
from monitor.errors import NotFound
from monitor.message import File


class FacebookChannel:
    """The entry point: settings at once, everything else when an account is used."""

    name: ClassVar[str] = "facebook"
    settings: ClassVar[type[AccountSettings]] = FacebookSettings
    title: ClassVar[str] = "a Facebook page: comments and Messenger"
    usual_name: ClassVar[str] = "page"

    def questions(self) -> Sequence[Asked]:
        """What `replyby init` asks about an account."""
        from connectors.facebook.asking import QUESTIONS

        return QUESTIONS

    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        """A connector for one page; it reaches no server yet."""
        from connectors.facebook.connector import FacebookConnector

        assert isinstance(settings, FacebookSettings)
        return FacebookConnector(settings, surroundings)

    def file(self, source: bytes, number: int) -> File:
        """Nothing of a file is kept but its name and where it lay: NotFound, with that."""
        from connectors.facebook.attachments import link_in

        where = link_in(source, number)
        raise NotFound(
            "files on Facebook are looked at there; `o` opens the conversation"
            + (f", and for some days the file itself is at {where}" if where else "")
        )

    def foresee(
        self, settings: AccountSettings, question: Question, text: str, way: str, now: datetime
    ) -> Prospect:
        """By which way Facebook takes the answer, and until when."""
        from connectors.facebook.prospect import foresee

        assert isinstance(settings, FacebookSettings)
        return foresee(question, text, way, now, human_agent=settings.human_agent)

    def caveat(self, settings: AccountSettings) -> str:
        """Reviews have no interface any more, but that is nothing to say at every glance."""
        return ""
