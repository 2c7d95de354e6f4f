"""The tables as SQLModel sees them: the definition, and the cold paths; used by the store alone."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

# Moments are integer microseconds since 1970 in UTC, on both databases: the same statements run
# on either, they sort, and no driver can turn them into local time.
_WAITING = text("state = 0")


class Account(SQLModel, table=True):
    """An account of config.toml, and the clock settings its deadlines were computed with."""

    __tablename__ = "account"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str = Field(unique=True)
    channel: str
    clock: str = ""


class Poll(SQLModel, table=True):
    """How far an account was read, who is reading it now, and how it is doing."""

    __tablename__ = "poll"
    account_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("account.id")]
    )
    cursor: str | None = None
    next_at: int = Field(default=0, sa_type=BigInteger)
    lease_owner: str | None = None
    lease_until: int | None = Field(default=None, sa_type=BigInteger)
    fence: int = Field(default=0, sa_type=BigInteger)
    fails: int = Field(default=0, sa_type=BigInteger)
    state: str = "blind"
    since: int = Field(default=0, sa_type=BigInteger)
    reason: str = ""
    remedy: str = ""
    last_ok: int | None = Field(default=None, sa_type=BigInteger)
    last_poll: int | None = Field(default=None, sa_type=BigInteger)
    ledger: str = "{}"


class ConversationRow(SQLModel, table=True):
    """A conversation: its customer, its clock, and who has it."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("state BETWEEN 0 AND 6", name="conversation_state"),
        CheckConstraint("(state <= 2) = (reply_by IS NOT NULL)", name="conversation_clock"),
        Index(
            "ix_queue_mine", "assignee", "reply_by", "awaiting_since", "id", "account_id", "state",
            sqlite_where=_WAITING, postgresql_where=_WAITING,
        ),
        Index(
            "ix_queue_account", "account_id", "reply_by", "awaiting_since", "id", "assignee",
            "state", sqlite_where=_WAITING, postgresql_where=_WAITING,
        ),
        Index(
            "ix_queue_all", "reply_by", "awaiting_since", "id", "state",
            sqlite_where=_WAITING, postgresql_where=_WAITING,
        ),
        Index(
            "ix_queue_lead", "reply_by", "awaiting_since", "id", "account_id", "assignee",
            sqlite_where=text("state = 0 AND lead = 1"),
            postgresql_where=text("state = 0 AND lead = 1"),
        ),
        Index(
            "ix_aside", "account_id", "reply_by", "state",
            sqlite_where=text("state IN (1, 2)"), postgresql_where=text("state IN (1, 2)"),
        ),
        Index(
            "ix_snooze", "snooze_until",
            sqlite_where=text("state = 1"), postgresql_where=text("state = 1"),
        ),
        Index("ix_conversation_customer", text("lower(customer_address)"), "id"),
        Index(
            "ix_queue_tagged", "state", "reply_by", "awaiting_since", "id", "tags", "account_id",
            sqlite_where=text("state = 0 AND tags <> '[]'"),
            postgresql_where=text("state = 0 AND tags <> '[]'"),
        ),
        Index(
            "ix_claim", "claim_until",
            sqlite_where=text("claim_until IS NOT NULL"),
            postgresql_where=text("claim_until IS NOT NULL"),
        ),
    )  # fmt: skip
    id: int = Field(primary_key=True, sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    kind: str = "message"
    customer_name: str = ""
    customer_address: str = ""
    subject: str = ""
    preview: str = ""
    state: int = Field(default=0, sa_type=SmallInteger)
    awaiting_since: int | None = Field(default=None, sa_type=BigInteger)
    window_us: int | None = Field(default=None, sa_type=BigInteger)
    reply_by: int | None = Field(default=None, sa_type=BigInteger)
    assignee: str | None = None
    claim_until: int | None = Field(default=None, sa_type=BigInteger)
    snooze_until: int | None = Field(default=None, sa_type=BigInteger)
    lead: int = Field(default=0, sa_type=SmallInteger)
    tags: str = "[]"
    url: str = ""
    send_state: str | None = None
    linked_id: int | None = Field(default=None, sa_type=BigInteger)
    version: int = Field(default=0, sa_type=BigInteger)


class MessageRow(SQLModel, table=True):
    """A message received, sent or noted; `reply_by` where it started or joined a wait.

    `answered` once a wait that it belonged to has ended, however that was.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("account_id", "ext_id", name="message_identity"),
        Index("ix_message_conversation", "conversation_id", "id"),
        Index(
            "ix_message_sent_to", text("substr(lower(recipients), 1, 300)"), "id",
            sqlite_where=text("direction = 1"), postgresql_where=text("direction = 1"),
        ),
    )  # fmt: skip
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    ext_id: str
    direction: int = Field(sa_type=SmallInteger)
    author_name: str = ""
    author_address: str = ""
    recipients: str = ""
    at: int = Field(sa_type=BigInteger)
    found_at: int = Field(sa_type=BigInteger)
    subject: str = ""
    body: str = ""
    remark: str = ""
    reference: str = ""
    rule: int = Field(default=0, sa_type=SmallInteger)
    window_us: int | None = Field(default=None, sa_type=BigInteger)
    reply_by: int | None = Field(default=None, sa_type=BigInteger)
    folds: str = ""
    answered: int = Field(default=0, sa_type=SmallInteger)
    revision: str = ""
    edited_at: int | None = Field(default=None, sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)


class AttachmentRow(SQLModel, table=True):
    """A file that came with a message: its place in the raw source, where its bytes are."""

    __tablename__ = "attachment"
    message_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("message.id")]
    )
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    name: str = ""
    type: str = ""
    size: int = Field(default=0, sa_type=BigInteger)


class DoorRow(SQLModel, table=True):
    """A message that came in through a further account of ours, and which one it is."""

    __tablename__ = "door"
    account_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("account.id")]
    )
    ext_id: str = Field(primary_key=True)
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id")
    at: int = Field(sa_type=BigInteger)


class Raw(SQLModel, table=True):
    """What the platform delivered, as it came."""

    __tablename__ = "raw"
    message_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("message.id")]
    )
    headers: str = ""
    source: bytes = Field(sa_type=LargeBinary)


class ThreadKey(SQLModel, table=True):
    """A name by which a platform's messages refer to one another, and its conversation."""

    __tablename__ = "thread_key"
    account_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("account.id")]
    )
    key: str = Field(primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")


class OutboxRow(SQLModel, table=True):
    """An answer from the moment it was sent off by a person until its fate is known."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due", "next_try", "id",
            sqlite_where=text("state = 'queued'"), postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_leased", "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index("ix_outbox_conversation", "conversation_id", "id"),
        Index("ix_outbox_to", text("lower(to_address)"), "queued_at"),
    )  # fmt: skip
    id: int = Field(primary_key=True, sa_type=BigInteger)
    key: str = Field(unique=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    author: str
    body: str
    to_name: str = ""
    to_address: str = ""
    subject: str = ""
    in_reply_to: str = ""
    source_message: int | None = Field(default=None, sa_type=BigInteger)
    seen_message: int = Field(default=0, sa_type=BigInteger)
    state: str = "queued"
    queued_at: int = Field(sa_type=BigInteger)
    next_try: int = Field(sa_type=BigInteger)
    tries: int = Field(default=0, sa_type=BigInteger)
    lease_owner: str | None = None
    lease_until: int | None = Field(default=None, sa_type=BigInteger)
    error: str = ""
    ext_id: str = ""
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    way: str = ""


class OutboxFile(SQLModel, table=True):
    """A file that goes out with an answer."""

    __tablename__ = "outbox_file"
    outbox_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("outbox.id")]
    )
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    name: str
    type: str
    content: bytes = Field(sa_type=LargeBinary)


class Draft(SQLModel, table=True):
    """What somebody has typed and not sent."""

    __tablename__ = "draft"
    conversation_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("conversation.id")]
    )
    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True, default="reply")
    body: str
    seen_message: int = Field(default=0, sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    way: str = ""


class PresenceRow(SQLModel, table=True):
    """Who is at work, which conversation they look at, and whether they write."""

    __tablename__ = "presence"
    person: str = Field(primary_key=True)
    conversation_id: int | None = Field(default=None, sa_type=BigInteger)
    typing: int = Field(default=0, sa_type=SmallInteger)
    at: int = Field(sa_type=BigInteger)


class VerdictRow(SQLModel, table=True):
    """How long a customer waited, frozen when the wait ended."""

    __tablename__ = "verdict"
    __table_args__ = (
        Index("ix_verdict_ended", "ended_at"),
        Index("ix_verdict_conversation", "conversation_id", "id"),
    )
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    awaiting_since: int = Field(sa_type=BigInteger)
    reply_by: int = Field(sa_type=BigInteger)
    window_us: int = Field(sa_type=BigInteger)
    ended_at: int = Field(sa_type=BigInteger)
    waited_us: int = Field(sa_type=BigInteger)
    waited_in_hours_us: int = Field(sa_type=BigInteger)
    outcome: str
    who: str
    through: str
    in_time: int = Field(sa_type=SmallInteger)


class EventRow(SQLModel, table=True):
    """The log: one line for every change, never altered."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_conversation", "conversation_id", "id"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")
    at: int = Field(sa_type=BigInteger)
    who: str
    kind: str
    changes: str = "{}"
    detail: str = "{}"
