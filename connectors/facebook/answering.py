"""An answer on its way to Facebook: looked at first, written once, read back where no word came."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors._http import NoAnswer
from connectors.facebook.failures import GraphFailure, Kind, for_answer
from connectors.facebook.graph import Graph
from connectors.facebook.parsing import MESSAGE
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.values import Node, child, data, moment, text
from monitor.connector import HandOver
from monitor.errors import ConnectorError, Refused, Unsure
from monitor.message import OutgoingReply, Sent

COMMENT_MOST = 8000
MESSAGE_MOST = 2000
RESPONSE_WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
_CLOCKS_DIFFER = timedelta(minutes=1)
_BACK_FIELDS = "id,from,message,created_time"


@dataclass(frozen=True, slots=True)
class Question:
    """What is answered: its kind, its id, when it was written, and where it stands."""

    kind: str
    id: str
    at: datetime | None
    post: str
    conversation: str

    @classmethod
    def of(cls, reply: OutgoingReply) -> Question:
        """From the source of the customer's message; Refused where it isn't one of Facebook's."""
        try:
            source = json.loads(reply.source)
            node = child(source, "node")
        except (ValueError, AttributeError, RecursionError):
            raise Refused("what it answers was not read from Facebook") from None
        return cls(
            text(source, "kind"), text(node, "id"), moment(node, "created_time"),
            text(source, "post"), text(source, "conversation"),
        )  # fmt: skip


class Answer(ABC):
    """One answer; each way of answering says how it is looked at, written and found again."""

    most: int
    where: str

    def __init__(self, graph: Graph, page: str, question: Question, reply: OutgoingReply) -> None:
        self.graph = graph
        self.page = page
        self.question = question
        self.reply = reply

    @abstractmethod
    def there(self) -> Iterable[Node]:
        """What the page and others wrote there lately; Refused where nothing may be written."""

    @abstractmethod
    def write(self) -> str:
        """Write it; its id."""

    def send(self, hand_over: HandOver) -> Sent:
        """As `monitor.connector.Connector.reply` has it."""
        self._check()
        before = self._looked()
        if self.reply.tries > 1 and (done := self._found(before, frozenset())):
            return Sent(done)  # an earlier try, which we took for a failure
        hand_over("")
        known = frozenset(text(node, "id") for node in before)
        try:
            return Sent(self.write())
        except GraphFailure as error:
            if error.kind in (Kind.TRANSIENT, Kind.DUPLICATE):
                return self._read_back(for_answer(error), known)
            raise for_answer(error) from None
        except ConnectorError as error:
            return self._read_back(Unsure(f"{error}; it may have arrived"), known)

    def _check(self) -> None:
        length = len(self.reply.text)
        if length > self.most:
            raise Refused(f"{self.where} takes {self.most:,} characters; this has {length:,}")
        if self.reply.files:
            raise Refused(f"files can't be sent on {self.where} from here; send them in Facebook")

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
            return Sent(found)
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


class CommentAnswer(Answer):
    """A comment under the customer's comment or post."""

    most, where = COMMENT_MOST, "Facebook"

    def there(self) -> Iterable[Node]:
        asked = self.graph.get(self.question.id, fields=self._fields())
        if asked.get("can_comment") is False:
            raise Refused("Facebook takes no comment under this one: it is hidden or closed")
        page = self.graph.get(
            f"{self.question.post or self.question.id}/comments", fields=_BACK_FIELDS,
            filter="stream", order="reverse_chronological", limit="50",
        )  # fmt: skip
        return data({"comments": page}, "comments")

    def _fields(self) -> str:
        return "id" if self.question.id == self.question.post else "id,can_comment"

    def write(self) -> str:
        return _id(self.graph.post(f"{self.question.id}/comments", message=self.reply.text), "id")


class MessageAnswer(Answer):
    """A message on Messenger, within the time that the platform leaves for it."""

    most, where = MESSAGE_MOST, "Messenger"
    way: dict[str, str]

    def there(self) -> Iterable[Node]:
        fields = f"can_reply,messages.limit(20){{{_BACK_FIELDS}}}"
        thread = self.graph.get(self.question.conversation, fields=fields)
        if thread.get("can_reply") is False:
            raise Refused("Messenger takes no answer here: the person left or bars the page")
        return data(thread, "messages")

    def write(self) -> str:
        answer = self.graph.post(
            f"{self.page}/messages",
            recipient={"id": self.reply.to.address},
            message={"text": self.reply.text},
            **self.way,
        )
        return _id(answer, "message_id")


def way_of_sending(at: datetime | None, now: datetime, human_agent: bool) -> dict[str, str]:
    """How Messenger wants it called at this moment after the customer's last message at `at`.

    A response within 24 hours; by a human agent within 7 days; Refused after that. See
    https://developers.facebook.com/docs/messenger-platform/policy/policy-overview.
    """
    late = now - at if at else timedelta()
    if late < RESPONSE_WINDOW:
        return {"messaging_type": "RESPONSE"}
    if not human_agent:
        raise Refused(
            "the customer last wrote more than 24 hours ago, and the app may not answer later "
            "(`human_agent` is off); only the customer can write now"
        )
    if late < HUMAN_AGENT_WINDOW:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    raise Refused(
        "the customer last wrote more than 7 days ago: Messenger takes no answer any more; "
        "only the customer can write now"
    )


def answer_to(
    reply: OutgoingReply, graph: Graph, settings: FacebookSettings, now: datetime
) -> Answer:
    """The answer as its question wants it; Refused where there can be none."""
    question = Question.of(reply)
    if question.kind != MESSAGE:
        return CommentAnswer(graph, settings.page, question, reply)
    answer = MessageAnswer(graph, settings.page, question, reply)
    answer.way = way_of_sending(question.at, now, settings.human_agent)
    return answer


def _id(answer: Node, name: str) -> str:
    """What Facebook calls what was written; without it nobody can say that it was."""
    if number := text(answer, name):
        return number
    raise NoAnswer("Facebook names no id for what was written")
