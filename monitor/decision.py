"""What intake is told of what is stored, and what it decides for each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitor.message import Direction, IncomingMessage, State

ANSWERED_OUTSIDE = "answered outside"
"""The remark on an answer that one of us wrote with another program."""
SENT_OUTSIDE = "sent with another program"
"""The remark on another mail of ours that began a conversation."""


class Outcome(StrEnum):
    """What became of a message that the platform listed: the columns of the ledger."""

    NEW = "new"
    KNOWN = "known"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Thread:
    """What intake has to know of a conversation that a message may belong to.

    `outside_at` is the moment of the last answer that a colleague, `outside_who`, wrote in another
    program.
    """

    id: int
    state: State
    customer_address: str
    awaiting_since: int | None = None
    reply_by: int | None = None
    window_us: int | None = None
    lead: int = 0
    tags: str = "[]"
    subject: str = ""
    send_state: str | None = None
    outside_at: int | None = None
    outside_who: str = ""
    participants: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Door:
    """A message that came in through another account of ours already."""

    message: int
    conversation: int
    reply_by: int | None
    direction: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """A stored message that may have changed at its platform: the version that we have of it.

    `newest` says that nothing of the customer's came after it.
    """

    message: int
    conversation: int
    direction: Direction
    revision: str
    text: str
    deleted: bool
    newest: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that went out: the message, its moment, and the wait that it ended.

    `made_good` says that another one followed it. `wait` holds the columns `awaiting_since`,
    `window_us` and `reply_by`; empty without a wait.
    """

    message: int
    conversation: int
    at: int
    wait: Mapping[str, int] = field(default_factory=dict)
    made_good: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a batch: ids it has, and the conversation behind each key or id.

    `received` are those of the ids that came in, for what lies in Sent as well; `doors` are the ids
    that another account of the channel has; `answers` our own sent messages
    by their Message-ID, or by the recipient's address where a report names no id; `versions` are
    those of the messages that may have changed. `parts` are ids of parts of an answer of ours that
    is on its way.
    """

    ext_ids: frozenset[str] = frozenset()
    by_key: Mapping[str, int] = field(default_factory=dict)
    threads: Mapping[int, Thread] = field(default_factory=dict)
    doors: Mapping[str, Door] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    received: frozenset[str] = frozenset()
    versions: Mapping[str, Version] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """A wait that ended when somebody answered in another program: by whom, and when."""

    who: str
    at: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What to store for one message.

    `conversation` is an id, or a negative number for one that this batch opens; `opens` holds
    the columns of such a one, `changes` those that change on one that is there already. `ended`
    follows them: the wait's end. `answered` is a message whose answer came before it. `door` is
    the stored message that this one is again, `undelivered` the answer of ours that did not arrive,
    `rewrites` the stored message of which this is another version.
    """

    message: IncomingMessage
    outcome: Outcome
    conversation: int = 0
    opens: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    event: str = "received"
    detail: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    rule: int = 0
    window_us: int | None = None
    reply_by: int | None = None
    remark: str = ""
    answered: bool = False
    ended: Ended | None = None
    door: Door | None = None
    undelivered: Answer | None = None
    rewrites: Version | None = None


def tally(decisions: Iterable[Decision]) -> Counter[Outcome]:
    """How many messages met which outcome."""
    return Counter(decision.outcome for decision in decisions)
