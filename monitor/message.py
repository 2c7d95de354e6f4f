"""The stages of a message's life: incoming, stored, and the conversation that waits for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from monitor.clock import iso, opt_from_micros

PREVIEW_CHARS = 160


class State(IntEnum):
    """Where a conversation stands; the first three still owe the customer an answer."""

    WAITING = 0
    SNOOZED = 1
    SENDING = 2
    ANSWERED = 3
    NO_REPLY_NEEDED = 4
    CLOSED = 5
    IGNORED = 6

    @property
    def label(self) -> str:
        """The state as people and scripts read it: `no reply needed`."""
        return self.name.lower().replace("_", " ")


OWED = (State.WAITING, State.SNOOZED, State.SENDING)


class Direction(IntEnum):
    """Which way a message went; a note stays inside."""

    IN = 0
    OUT = 1
    NOTE = 2


class SendState(StrEnum):
    """What became of an answer: the life of one row of the outbox."""

    QUEUED = "queued"
    SENDING = "sending"
    HANDED_OVER = "handed over"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    UNDONE = "undone"
    BOUNCED = "bounced"
    DELAYED = "delayed"


WAY_OUT = (SendState.QUEUED, SendState.SENDING, SendState.HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Party:
    """A person as a channel knows them; `address` is what an answer is sent to."""

    address: str
    name: str = ""


Fold = tuple[int, int]
"""Lines of a text that are not new, from the first up to the one after the last, counted from 0."""


def new_text(text: str, folds: Sequence[Fold]) -> str:
    """The text without what is folded away: quotes, signatures."""
    lines = text.split("\n")
    for start, end in sorted(folds, reverse=True):
        del lines[start:end]
    return "\n".join(lines).strip()


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a mail server says of an answer of ours: it failed for good, or is late.

    `ids` are the Message-IDs of the mail that it is about, `recipients` whom it did not reach;
    `status` is the enhanced code of RFC 3463 ("5.1.1"), `diagnosis` the server's own words.
    """

    failed: bool
    ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    status: str = ""
    diagnosis: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, `size` in bytes; `number` finds it in the raw source."""

    number: int
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes out with an answer or came with a message; `type` is its MIME type."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What a connector yields for one message of its platform.

    `ext_id` identifies it within the account for good. `keys` are the thread keys: its own
    first, then those it refers to; one shared key makes one conversation. `at` is the moment at
    which the platform had it. `own_conversation` is a conversation that the message proves to
    belong to. `automatic` and `ours` say why no person, or only we, wrote it; `problem` says why it
    couldn't be read, `remark` what whoever answers it should know. `folds` are the lines of the
    text that its author did not write anew; `report` is what the message says of the delivery of an
    answer of ours. `outgoing` is a message that one of us sent with another program: then `author`
    is who did, and `to` the customers. `revision` names the version of a text that its author may
    change there, so that a later one is known as such; `deleted` says that it is gone from there,
    and then nothing but `ext_id` is read.
    """

    ext_id: str
    at: datetime
    author: Party
    keys: tuple[str, ...]
    subject: str = ""
    text: str = ""
    kind: str = "message"
    to: tuple[str, ...] = ()
    url: str = ""
    headers: str = ""
    raw: bytes = b""
    own_conversation: int | None = None
    automatic: str = ""
    ours: str = ""
    problem: str = ""
    remark: str = ""
    folds: tuple[Fold, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    report: DeliveryReport | None = None
    outgoing: bool = False
    revision: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is stored: received, sent by us, or a note among colleagues.

    `awaits` says that it started or joined a wait, as a machine's message never does;
    `recipients` are addresses with commas between them. `edited_at` and `deleted_at` are when we
    found that its author had changed it, or that it was gone.
    """

    id: int
    conversation_id: int
    direction: Direction
    author: Party
    at: datetime
    found_at: datetime
    subject: str
    text: str
    ext_id: str
    remark: str = ""
    folds: tuple[Fold, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    recipients: str = ""
    awaits: bool = True
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def outside(self) -> bool:
        """Whether one of us wrote it with another program; answers from here have no address."""
        return self.direction is Direction.OUT and bool(self.author.address)


class Conversation(NamedTuple):
    """A conversation as the queue shows it, straight from the store's row.

    A row of a list is made a hundred thousand times a day and read mostly for two columns, so
    the moments stay microseconds until somebody asks for them.
    """

    id: int
    account: str
    channel: str
    kind: str
    customer_name: str
    customer_address: str
    subject: str
    preview: str
    state_code: int
    awaiting_us: int | None
    window_us: int | None
    reply_by_us: int | None
    assignee: str | None
    claim_us: int | None
    snooze_us: int | None
    lead_flag: int
    tags_json: str
    url: str
    send_state: str | None
    version: int
    linked: int | None = None

    @property
    def state(self) -> State:
        return State(self.state_code)

    @property
    def customer(self) -> Party:
        return Party(self.customer_address, self.customer_name)

    @property
    def awaiting_since(self) -> datetime | None:
        return opt_from_micros(self.awaiting_us)

    @property
    def reply_by(self) -> datetime | None:
        return opt_from_micros(self.reply_by_us)

    @property
    def claim_until(self) -> datetime | None:
        return opt_from_micros(self.claim_us)

    @property
    def snoozed_until(self) -> datetime | None:
        return opt_from_micros(self.snooze_us)

    @property
    def window(self) -> timedelta:
        return timedelta(microseconds=self.window_us or 0)

    @property
    def lead(self) -> bool:
        return bool(self.lead_flag)

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(json.loads(self.tags_json))

    def overdue(self, now_us: int) -> bool:
        """Owed and past its reply-by time; `now_us` in microseconds since 1970."""
        owed = self.state_code in OWED
        return owed and self.reply_by_us is not None and self.reply_by_us < now_us

    def as_json(self, now_us: int) -> dict[str, Any]:
        """The public form, as `replyby list --json` prints it."""
        return {
            "id": self.id,
            "account": self.account,
            "channel": self.channel,
            "kind": self.kind,
            "customer": {"name": self.customer_name, "address": self.customer_address},
            "subject": self.subject,
            "preview": self.preview,
            "awaiting_since": iso(self.awaiting_since),
            "window_seconds": None if self.window_us is None else self.window.total_seconds(),
            "reply_by": iso(self.reply_by),
            "overdue": self.overdue(now_us),
            "state": self.state.label,
            "assignee": self.assignee,
            "lead": self.lead,
            "tags": list(self.tags),
            "url": self.url,
            "linked": self.linked,
        }


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """An answer on its way out, with all that a connector needs to send it in its thread.

    `key` is the outbox row's own, the same on every try, so that what is sent can be recognised.
    `way` names one of the ways of answering that the channel offered, "" for its first.
    """

    id: int
    key: str
    conversation_id: int
    account: str
    author: str
    text: str
    to: Party
    subject: str
    in_reply_to: str
    queued_at: datetime
    tries: int
    source: bytes = b""
    files: tuple[File, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it: its own name for it there, and further thread keys.

    `afterwards` is what may follow once that is written down, and may fail: a copy in Sent.
    """

    ext_id: str
    keys: tuple[str, ...] = ()
    remark: str = ""
    afterwards: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How long the customer waited, frozen when the wait ended.

    `outcome` is "answered", "no reply needed" or "closed"; only an answer can be in time.
    `seconds` are by the calendar, `seconds_in_hours` by the account's business hours.
    """

    conversation_id: int
    account: str
    awaiting_since: datetime
    reply_by: datetime
    window: timedelta
    ended_at: datetime
    seconds: float
    seconds_in_hours: float
    outcome: str
    who: str
    through: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log: `changes` are the conversation's columns as they became."""

    id: int
    conversation_id: int
    at: datetime
    who: str
    kind: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


def preview(text: str) -> str:
    """The first words of a text, on one line."""
    return " ".join(text[: PREVIEW_CHARS * 4].split())[:PREVIEW_CHARS]
