"""A page on the played Graph API, and the accounts that read it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from connectors.facebook.channel import FacebookChannel
from connectors.facebook.settings import FacebookSettings
from connectors.sandbox.graph import GraphError, GraphServer
from connectors.sandbox.graph_data import ChatMessage, Comment, Person, Post
from monitor.connector import Connector
from monitor.message import IncomingMessage, OutgoingReply
from tests.connectors.mails import surroundings
from tests.connectors.platforms import Fault, Got, Platform
from tests.fakes import START, FakeClock

TOKEN = "EAAB0page0token"
APP_SECRET = "app-s3cret"
_numbers = itertools.count(1)

LATE_REFUSAL = GraphError(368, "The action attempted has been deemed abusive", status=403)
EARLY_REFUSAL = GraphError(100, "Object does not exist", subcode=33)
THROTTLED = GraphError(32, "Page request limit reached", status=403)
TEMPORARY = GraphError(2, "Service temporarily unavailable", status=503, transient=True)


def facebook_settings(
    folder: Path, url: str, token: str, patience: float, given: Mapping[str, object] | None = None
) -> FacebookSettings:
    """Settings of an account whose secrets lie in files of the folder's."""
    number = next(_numbers)
    (folder / f"token-{number}").write_text(token)
    (folder / f"app-{number}").write_text(APP_SECRET)
    fields: dict[str, object] = {
        "name": "support",
        "channel": "facebook",
        "page": "100200300400",
        "token": f"file:token-{number}",
        "app_secret": f"file:app-{number}",
        "api_url": url,
        "timeout": timedelta(seconds=patience),
    }
    return FacebookSettings.model_validate({**fields, **(given or {})}, context={"base": folder})


class FacebookPlatform(Platform):
    """The stand-in with one page; each kind of it says where its customers write."""

    secrets = (TOKEN, APP_SECRET)

    def __init__(self, folder: Path, clock: FakeClock, stack: ExitStack) -> None:
        self._folder = folder
        self._clock = clock
        self.server = GraphServer(TOKEN, app_secret=APP_SECRET, clock=clock)
        stack.enter_context(self.server)
        self.page = self.server.page
        self.post = self.page.publish("Our winter hours", START - timedelta(hours=1))

    def connect(
        self, *, secret: str | None = None, given: Mapping[str, object] | None = None
    ) -> Connector:
        token = TOKEN if secret is None else secret
        settings = facebook_settings(self._folder, self.server.url, token, self.patience, given)
        return FacebookChannel().connect(settings, surroundings(self._clock))

    @staticmethod
    def reply_to(message: IncomingMessage, text: str, way: str = "") -> OutgoingReply:
        """An answer as the outbox would make it."""
        return OutgoingReply(
            1, "key", 1, "support", "ann", text, message.author, message.subject,
            message.ext_id, START, 1, message.raw, way=way,
        )  # fmt: skip

    def customer(self) -> Person:
        return self.page.person(f"Customer {next(_numbers)}")

    def cause(self, fault: Fault) -> None:
        troubles = self.server.troubles
        match fault:
            case Fault.DOWN:
                self.server.stop()
            case Fault.SILENT:
                troubles.silent = True
            case Fault.GARBAGE:
                troubles.page = 502
            case Fault.CUT:
                troubles.cut_after_write, troubles.cut_from_then = 1, True
            case Fault.REFUSES:
                troubles.fail_next("GET", EARLY_REFUSAL)
            case Fault.BUSY:
                troubles.fail_next("GET", TEMPORARY)
            case Fault.REFUSES_LATE:
                troubles.fail_next("POST", LATE_REFUSAL)
            case Fault.BUSY_LATE:
                troubles.fail_next("POST", TEMPORARY)

    def edit(self, text: str, new: str) -> None:
        self.page.edit(self._written(text), new)

    def delete(self, text: str) -> None:
        self.page.delete(self._written(text))

    def _written(self, text: str) -> Post | Comment | ChatMessage:
        page = self.page
        there: list[Post | Comment | ChatMessage] = [
            *page.posts.values(),
            *page.comments.values(),
            *page.messages.values(),
        ]
        return next(one for one in there if one.message == text)

    def mend(self) -> None:
        self.server.troubles.mend()
        self.server.stop()
        self.server.start()


class CommentPlatform(FacebookPlatform):
    """Customers comment on a post of the page's."""

    def customer_writes(self, text: str, at: datetime = START) -> None:
        self.page.comment(self.customer(), text, self.post, at)

    def customer_answers(self, text: str, at: datetime) -> None:
        last = self._ours()[-1]
        assert last.parent
        self.page.comment(last.parent.author, text, last, at)

    def customers_got(self) -> list[Got]:
        return [Got(c.message, c.parent.message) for c in self._ours() if c.parent]

    def _ours(self) -> list[Comment]:
        return [c for c in self.post.comments if c.author is self.page.me]


class VisitorPlatform(FacebookPlatform):
    """Customers write posts of their own on the page."""

    def customer_writes(self, text: str, at: datetime = START) -> None:
        self.page.visitor_posts(self.customer(), text, at)

    def customer_answers(self, text: str, at: datetime) -> None:
        post, _ = self._ours()[-1]
        self.page.comment(post.author, text, post, at)

    def customers_got(self) -> list[Got]:
        return [Got(comment.message, post.message) for post, comment in self._ours()]

    def _ours(self) -> list[tuple[Post, Comment]]:
        there = [(p, c) for p in self.page.posts.values() for c in p.comments]
        return [(p, c) for p, c in there if c.author is self.page.me]


class MessengerPlatform(FacebookPlatform):
    """Customers write on Messenger."""

    def customer_writes(self, text: str, at: datetime = START) -> None:
        self.page.write(self.customer(), text, at)

    def customer_answers(self, text: str, at: datetime) -> None:
        self.page.write(self._ours()[-1].conversation.person, text, at)

    def customers_got(self) -> list[Got]:
        return [Got(m.message, m.conversation.messages[0].message) for m in self._ours()]

    def _ours(self) -> list[ChatMessage]:
        return [m for m in self.page.messages.values() if m.author is self.page.me]
