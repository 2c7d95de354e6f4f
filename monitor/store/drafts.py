"""What somebody has typed and not sent, kept for each person and conversation."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from monitor.clock import micros
from monitor.store.database import Database, Transaction


class DraftText(NamedTuple):
    """A draft, and the last message of the customer's that it was written to."""

    text: str
    seen: int


class Drafts:
    """The store's desk drawers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, conversation_id: int, person: str, text: str, seen: int, now: datetime) -> None:
        """Keep what was typed so far; an empty text throws the draft away."""
        with self._database.write() as tx:
            if text:
                write_draft(tx, conversation_id, person, text, seen, micros(now))
            else:
                delete_draft(tx, conversation_id, person)

    def load(self, conversation_id: int, person: str) -> DraftText | None:
        """The person's draft in that conversation."""
        rows = self._database.read(
            "SELECT body, seen_message FROM draft WHERE conversation_id = :id AND person = :person",
            {"id": conversation_id, "person": person},
        )
        return DraftText(*rows[0]) if rows else None


def write_draft(
    tx: Transaction, conversation_id: int, person: str, text: str, seen: int, now: int
) -> None:
    """Keep a draft within a transaction."""
    tx.run(
        "INSERT INTO draft (conversation_id, person, body, seen_message, updated_at)"
        " VALUES (:id, :person, :body, :seen, :now) ON CONFLICT (conversation_id, person)"
        " DO UPDATE SET body = excluded.body, seen_message = excluded.seen_message,"
        " updated_at = excluded.updated_at",
        {"id": conversation_id, "person": person, "body": text, "seen": seen, "now": now},
    )


def delete_draft(tx: Transaction, conversation_id: int, person: str) -> None:
    """Throw a draft away within a transaction."""
    tx.run(
        "DELETE FROM draft WHERE conversation_id = :id AND person = :person",
        {"id": conversation_id, "person": person},
    )
