"""An answer on its way to Facebook: looked at first, written once, read back where no word came."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from connectors._http import NoAnswer
from connectors.facebook.failures import GraphFailure, Kind, for_answer
from connectors.facebook.graph import Graph
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.values import Node, child, data, moment, nodes, seconds, text
from connectors.facebook.ways import (
    CLOSED,
    MESSAGE,
    POST,
    PRIVATE,
    REPLIED,
    TAG,
    UNSENT,
    Asked,
    Course,
    course,
)
from monitor.connector import HandOver
from monitor.errors import ConnectorError, Refused, Unsure
from monitor.message import OutgoingReply, Sent

_CLOCKS_DIFFER = timedelta(minutes=1)
_BACK_FIELDS = "id,from,message,created_time"
_LAST_MESSAGES = f"messages.limit(20){{{_BACK_FIELDS}}}"
_LEFT = "Messenger takes no answer here: the person left or bars the page"
_MAYBE_THERE = (Kind.TRANSIENT, Kind.DUPLICATE, Kind.REPLIED)


class Answer(ABC):
    """One answer; each way of answering says how it is looked at, written and found again.

    `closed` is why nothing may be written there, once `there` has looked.
    """

    remark: ClassVar[str] = ""

    def __init__(
        self, graph: Graph, page: str, asked: Asked, taken: Course, reply: OutgoingReply
    ) -> None:
        self.graph = graph
        self.page = page
        self.asked = asked
        self.course = taken
        self.reply = reply
        self.closed = ""

    @abstractmethod
    def there(self) -> Iterable[Node]:
        """What the page and others wrote there lately."""

    @abstractmethod
    def write(self) -> str:
        """Write it; its id."""

    def send(self, hand_over: HandOver) -> Sent:
        """As `monitor.connector.Connector.reply` has it."""
        self._check()
        before = self._looked()
        if self.reply.tries > 1 and (done := self._found(before, frozenset())):
            return self._sent(done)  # an earlier try, which we took for a failure
        if self.closed:
            raise Refused(self.closed)
        hand_over("")
        known = frozenset(text(node, "id") for node in before)
        try:
            return self._sent(self.write())
        except GraphFailure as error:
            if error.kind in _MAYBE_THERE:
                return self._read_back(for_answer(error), known)
            raise for_answer(error) from None
        except ConnectorError as error:
            return self._read_back(Unsure(f"{error}; it may have arrived"), known)

    def _check(self) -> None:
        length, most, where = len(self.reply.text), self.course.most, self.course.where
        if length > most:
            raise Refused(f"{where} takes {most:,} characters; this has {length:,}")
        if self.reply.files:
            raise Refused(f"files can't be sent on {where} from here; send them in Facebook")

    def _looked(self) -> list[Node]:
        try:
            return list(self.there())
        except GraphFailure as error:
            raise for_answer(error) from None

    def _read_back(self, otherwise: ConnectorError, known: frozenset[str]) -> Sent:
        """Whether it is there, though no word of it came; else what that leaves us with."""
        try:
            found = self._found(self.there(), known)
        except ConnectorError:
            raise Unsure(f"{otherwise}; whether it arrived could not be read back") from None
        if found:
            return self._sent(found)
        if self.closed and not otherwise.permanent:
            # It was open when we wrote, and one of ours is what closes it.
            raise Unsure(f"{otherwise}; it may have arrived: {self.closed}")
        raise otherwise

    def _found(self, there: Iterable[Node], known: frozenset[str]) -> str:
        since = self.reply.queued_at - _CLOCKS_DIFFER
        words = self.reply.text.split()
        for node in there:
            at = moment(node, "created_time")
            ours = text(child(node, "from"), "id") == self.page and text(node, "id") not in known
            if ours and text(node, "message").split() == words and (not at or at >= since):
                return text(node, "id")
        return ""

    def _sent(self, number: str) -> Sent:
        return Sent(number, remark=self.remark)

    def _message(self, recipient: dict[str, str]) -> str:
        answer = self.graph.post(
            f"{self.page}/messages",
            recipient=recipient,
            message={"text": self.reply.text},
            **self.course.call,
        )
        return _id(answer, "message_id")


class CommentAnswer(Answer):
    """A comment under the customer's comment or post."""

    def there(self) -> Iterable[Node]:
        asked = self.graph.get(self.asked.id, fields=self._fields())
        self.closed = CLOSED if asked.get("can_comment") is False else ""
        page = self.graph.get(
            f"{self.asked.post or self.asked.id}/comments", fields=_BACK_FIELDS,
            filter="stream", order="reverse_chronological", limit="50",
        )  # fmt: skip
        return nodes(page.get("data"))

    def _fields(self) -> str:
        return "id" if self.asked.kind in (POST, TAG) else "id,can_comment"

    def write(self) -> str:
        return _id(self.graph.post(f"{self.asked.id}/comments", message=self.reply.text), "id")


class PrivateAnswer(Answer):
    """The one private message that Facebook takes for a comment or a post.

    Facebook names the conversation that it began for a comment; for a post it is looked for by
    the person. The message's id is what ties the customer's next word there to this one.
    """

    remark = "in private, on Messenger"

    def there(self) -> Iterable[Node]:
        fields, of_post = "id,can_reply_privately", self.asked.kind in (POST, TAG)
        if not of_post:
            fields += f",private_reply_conversation{{id,{_LAST_MESSAGES}}}"
        asked = self.graph.get(self.asked.id, fields=fields)
        self.closed = REPLIED if asked.get("can_reply_privately") is False else ""
        if not of_post:
            return data(child(asked, "private_reply_conversation"), "messages")
        page = self.graph.get(
            f"{self.page}/conversations", platform="messenger", user_id=self.reply.to.address,
            fields=f"id,{_LAST_MESSAGES}", limit="1",
        )  # fmt: skip
        return [m for thread in nodes(page.get("data")) for m in data(thread, "messages")]

    def write(self) -> str:
        name = "post_id" if self.asked.kind in (POST, TAG) else "comment_id"
        return self._message({name: self.asked.id})


class MessageAnswer(Answer):
    """A message on Messenger, within the time that the platform leaves for it."""

    def there(self) -> Iterable[Node]:
        fields = f"can_reply,{_LAST_MESSAGES}"
        thread = self.graph.get(self.asked.conversation, fields=fields)
        last = data(thread, "messages")
        self.closed = _LEFT if thread.get("can_reply") is False else self._unsent(last)
        return last

    def _unsent(self, last: list[Node]) -> str:
        """Facebook lists the newest messages, so what is missing among them was taken back."""
        asked = self.asked.at
        shown = any(text(node, "id") == self.asked.id for node in last)
        reaches = len(last) < 20 or any(asked and _before(node, asked) for node in last)
        return UNSENT if reaches and not shown else ""

    def write(self) -> str:
        return self._message({"id": self.reply.to.address})


def _before(node: Node, at: datetime) -> bool:
    return 0 < seconds(node, "created_time") < int(at.timestamp())


def answer_to(
    reply: OutgoingReply, graph: Graph, settings: FacebookSettings, now: datetime
) -> Answer:
    """The answer as its question wants it; Refused where there can be none."""
    asked = Asked.of(reply.source)
    taken = course(
        asked, reply.way, reply.to.name, human_agent=settings.human_agent, now=now
    )  # fmt: skip
    if taken.refusal and taken.refusal != CLOSED:
        raise Refused(taken.refusal)  # whether it is closed is asked again
    kind = MessageAnswer if asked.kind == MESSAGE else _BY_WAY.get(reply.way, CommentAnswer)
    return kind(graph, settings.page, asked, taken, reply)


_BY_WAY: dict[str, type[Answer]] = {"": CommentAnswer, PRIVATE: PrivateAnswer}


def _id(answer: Node, name: str) -> str:
    """What Facebook calls what was written; without it nobody can say that it was."""
    if number := text(answer, name):
        return number
    raise NoAnswer("Facebook names no id for what was written")
