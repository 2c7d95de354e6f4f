"""What somebody has typed and not sent, kept for each person and conversation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.clock import micros
from monitor.store.database import Database, Transaction


class DraftText(NamedTuple):
    """A draft, the last message of the customer's that it was written to, and how it is to go.

    `way` is the way of answering that was chosen, "" for the usual one.
    """

    text: str
    seen: int
    way: str = ""


class Kind(StrEnum):
    """What a draft is going to be."""

    REPLY = "reply"
    NOTE = "note"


class Drafts:
    """The store's desk drawers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self, conversation_id: int, person: str, text: str, seen: int, now: datetime,
        kind: Kind = Kind.REPLY, way: str = "",
    ) -> None:  # fmt: skip
        """Keep what was typed so far; an empty text throws the draft away."""
        with self._database.write() as tx:
            if text:
                write_draft(tx, conversation_id, person, text, seen, micros(now), kind, way)
            else:
                delete_draft(tx, conversation_id, person, kind)

    def load(self, conversation_id: int, person: str, kind: Kind = Kind.REPLY) -> DraftText | None:
        """The person's draft in that conversation."""
        rows = self._database.read(
            f"SELECT body, seen_message, way FROM draft WHERE {_MINE}",
            {"id": conversation_id, "person": person, "kind": str(kind)},
        )
        return DraftText(*rows[0]) if rows else None


_MINE = "conversation_id = :id AND person = :person AND kind = :kind"


def write_draft(
    tx: Transaction, conversation_id: int, person: str, text: str, seen: int, now: int,
    kind: Kind = Kind.REPLY, way: str = "",
) -> None:  # fmt: skip
    """Keep a draft within a transaction."""
    tx.run(
        "INSERT INTO draft (conversation_id, person, kind, body, seen_message, updated_at, way)"
        " VALUES (:id, :person, :kind, :body, :seen, :now, :way)"
        " ON CONFLICT (conversation_id, person, kind)"
        " DO UPDATE SET body = excluded.body, seen_message = excluded.seen_message,"
        " updated_at = excluded.updated_at, way = excluded.way",
        {
            "id": conversation_id, "person": person, "kind": str(kind), "body": text,
            "seen": seen, "now": now, "way": way,
        },
    )  # fmt: skip


def return_draft(
    tx: Transaction, conversation_id: int, person: str, text: str, seen: int, now: int,
    way: str = "",
) -> None:  # fmt: skip
    """Put an answer that did not go out in front of what its author has typed since.

    It keeps its way: what was meant in private must not come back as a public answer.
    """
    if since := read_draft(tx, conversation_id, person):
        text = since.text if text in since.text else f"{text}\n\n{since.text}"
        way = way or since.way
    write_draft(tx, conversation_id, person, text, seen, now, way=way)


def read_draft(tx: Transaction, conversation_id: int, person: str) -> DraftText | None:
    """The draft of an answer within a transaction."""
    rows = tx.run(
        f"SELECT body, seen_message, way FROM draft WHERE {_MINE}",
        {"id": conversation_id, "person": person, "kind": str(Kind.REPLY)},
    )
    return DraftText(*rows[0]) if rows else None


def delete_draft(
    tx: Transaction, conversation_id: int, person: str, kind: Kind = Kind.REPLY
) -> None:
    """Throw a draft away within a transaction."""
    tx.run(
        f"DELETE FROM draft WHERE {_MINE}",
        {"id": conversation_id, "person": person, "kind": str(kind)},
    )
