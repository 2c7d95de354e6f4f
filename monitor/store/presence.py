"""Who is at work: which conversation each person has before them, and whether they type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import from_micros, micros
from monitor.store.database import Database

FRESH = timedelta(seconds=30)
"""Whoever was not heard of for so long is not at work any more."""

_SEEN = (
    "INSERT INTO presence (person, conversation_id, typing, at)"
    " VALUES (:person, :conversation, :typing, :at)"
    " ON CONFLICT (person) DO UPDATE SET conversation_id = excluded.conversation_id,"
    " typing = excluded.typing, at = excluded.at"
)
_FRESH = (
    "SELECT person, conversation_id, typing, at FROM presence"
    " WHERE at BETWEEN :since AND :until ORDER BY person"
)

# The newest of the log alone: a desk of years has millions of lines, and no index by person.
_WORKED = (
    "SELECT 1 FROM presence WHERE person = :person UNION ALL SELECT 1 FROM"
    " (SELECT who FROM event ORDER BY id DESC LIMIT 100000) latest WHERE who = :person LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody at a terminal, as last heard of `at`; None where no conversation is open."""

    person: str
    conversation_id: int | None
    typing: bool
    at: datetime


class Presences:
    """The store's sign by the door; it holds one row for each person, and no history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, presence: Presence) -> None:
        """Where somebody is now, in place of where they were."""
        self._database.write_one(
            _SEEN,
            {
                "person": presence.person, "conversation": presence.conversation_id,
                "typing": int(presence.typing), "at": micros(presence.at),
            },
        )  # fmt: skip

    def remove(self, person: str) -> None:
        """Somebody has gone."""
        self._database.write_one("DELETE FROM presence WHERE person = :person", {"person": person})

    def fresh(self, now: datetime) -> list[Presence]:
        """Everyone who was heard of lately, by name."""
        # A moment in the future is one that a wrong clock has left behind.
        window = {"since": micros(now - FRESH), "until": micros(now + FRESH)}
        return [
            Presence(person, conversation, bool(typing), from_micros(at))
            for person, conversation, typing, at in self._database.read(_FRESH, window)
        ]

    def worked(self, person: str) -> bool:
        """Whether they are here, or did something of the last hundred thousand that were done."""
        return bool(self._database.read(_WORKED, {"person": person}))
