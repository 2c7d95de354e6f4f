"""By which ways Facebook takes an answer, at what length and until when: from what is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.facebook.values import Node, child, moment, text
from monitor.errors import Refused

COMMENT, POST, TAG, MESSAGE = "comment", "visitor post", "tag", "message"
USUAL, PRIVATE = "", "private"
COMMENT_MOST = 8000
MESSAGE_MOST = 2000
RESPONSE_WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
PRIVATE_WINDOW = timedelta(days=7)

GONE = "what it would answer is deleted or hidden"
UNSENT = "the customer has taken back the message that it would answer"
CLOSED = "Facebook takes no comment under this one: it is hidden or closed"
REPLIED = "Facebook takes no private reply here: there was one already, or the person bars it"
UNKNOWN = "Facebook knows no such way of answering here"
_NAMELESS = "Facebook withholds who wrote this, so nothing can be sent in private; comment instead"
_OLD = "this was written more than 7 days ago: Facebook takes no private reply any more"
_LATE = "the customer last wrote more than 7 days ago: Messenger takes no answer any more; "
_LATE_FOR_US = (
    "the customer last wrote more than 24 hours ago, and the app may not answer later "
    "(`human_agent` is off); "
)
_WAIT_FOR_THEM = "only the customer can write now"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is answered, from the source of the customer's message.

    `named` says whether Facebook told who wrote it; `open` whether it took comments below it, and
    `privately` whether a private reply, when it was read.
    """

    kind: str
    id: str
    at: datetime | None
    post: str
    conversation: str
    named: bool
    open: bool
    privately: bool

    @classmethod
    def of(cls, raw: bytes) -> Asked:
        """Refused where it isn't a source that was read from Facebook."""
        try:
            source = json.loads(raw)
            node: Node = child(source, "node")
        except (ValueError, AttributeError, RecursionError):
            raise Refused("what it answers was not read from Facebook") from None
        return cls(
            text(source, "kind"), text(node, "id"), moment(node, "created_time"),
            text(source, "post"), text(source, "conversation"),
            named=bool(text(child(node, "from"), "id")),
            open=node.get("can_comment") is not False,
            privately=node.get("can_reply_privately") is not False,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """What an answer becomes: in words, where, how long at most, until when, or why not at all.

    `call` is how Messenger wants the message called.
    """

    what: str
    where: str
    most: int
    until: datetime | None = None
    refusal: str = ""
    call: Mapping[str, str] = field(default_factory=dict)


def course(asked: Asked, way: str, to: str, *, human_agent: bool, now: datetime) -> Course:
    """What an answer to somebody called `to` ("" for nobody known) becomes at this moment."""
    if way not in possible(asked):
        return Course("", "Facebook", COMMENT_MOST, refusal=UNKNOWN)
    if asked.kind == MESSAGE:
        return _message(asked, to, human_agent, now)
    if way == PRIVATE:
        return _in_private(asked, to, now)
    under = "post" if asked.kind in (POST, TAG) else "comment"
    whose = f"{to}'s {under}" if to and asked.named else f"this {under}"
    return Course(
        f"a public comment under {whose}", "Facebook", COMMENT_MOST,
        refusal="" if asked.open else CLOSED,
    )  # fmt: skip


def possible(asked: Asked) -> tuple[str, ...]:
    """The ways that there are at all."""
    return (USUAL,) if asked.kind == MESSAGE else (USUAL, PRIVATE)


def private_until(asked: Asked, now: datetime) -> datetime | None:
    """Until when a private reply is taken; None where none is, as far as is known."""
    until = (asked.at or now) + PRIVATE_WINDOW
    never = asked.kind == MESSAGE or _never_private(asked)
    return until if not never and now < until else None


def _never_private(asked: Asked) -> str:
    if not asked.named:
        return _NAMELESS
    return "" if asked.privately else REPLIED


def _in_private(asked: Asked, to: str, now: datetime) -> Course:
    """One message for each comment or post, within seven days of it; see

    https://developers.facebook.com/docs/messenger-platform/discovery/private-replies.
    """
    until = (asked.at or now) + PRIVATE_WINDOW
    refusal = _never_private(asked) or ("" if now < until else _OLD)
    return Course(
        f"a private message to {to or 'the customer'}, the only one for this",
        "Messenger", MESSAGE_MOST, until, refusal, {"messaging_type": "RESPONSE"},
    )  # fmt: skip


def _message(asked: Asked, to: str, human_agent: bool, now: datetime) -> Course:
    """A response within 24 hours of the customer's last message, by a human agent within 7 days.

    See https://developers.facebook.com/docs/messenger-platform/policy/policy-overview.
    """
    at, what = asked.at or now, f"a Messenger message to {to or 'the customer'}"
    soon, late = at + RESPONSE_WINDOW, at + HUMAN_AGENT_WINDOW
    if now < soon:
        call = {"messaging_type": "RESPONSE"}
        return Course(what, "Messenger", MESSAGE_MOST, soon, call=call)
    if not human_agent:
        return Course(what, "Messenger", MESSAGE_MOST, soon, _LATE_FOR_US + _WAIT_FOR_THEM)
    return Course(
        f"{what}, as a human agent's (after 24 hours)", "Messenger", MESSAGE_MOST, late,
        "" if now < late else _LATE + _WAIT_FOR_THEM,
        {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
    )  # fmt: skip
