"""What is asked seldom: the log, the verdicts, search, and whether the log tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.clock import from_micros
from monitor.history import replay
from monitor.message import Event, Verdict
from monitor.store.accounts import AccountNames
from monitor.store.database import Database
from monitor.store.lists import Lists
from monitor.store.log import COLUMNS, update
from monitor.store.schema import engine

if TYPE_CHECKING:
    from sqlmodel import Session


class Archive:
    """The store's cellar."""

    def __init__(self, database: Database, lists: Lists, names: AccountNames) -> None:
        self._database = database
        self._lists = lists
        self._names = names

    def traffic(self) -> dict[str, tuple[int, int]]:
        """Channel → how many messages of customers came in, and how many answers went out."""
        rows = self._database.read(
            "SELECT a.channel, sum(CASE WHEN m.direction = 0 THEN 1 ELSE 0 END),"
            " sum(CASE WHEN m.direction = 1 THEN 1 ELSE 0 END)"
            " FROM message m JOIN account a ON a.id = m.account_id GROUP BY a.channel"
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}

    def events(self, conversation_id: int) -> list[Event]:
        """Everything that happened to a conversation, oldest first."""
        from sqlmodel import select

        from monitor.tables import EventRow

        with self._session() as session:
            query = select(EventRow).where(EventRow.conversation_id == conversation_id)
            return [_event(row) for row in session.exec(query.order_by("id"))]

    def verdicts(self, conversation_id: int) -> list[Verdict]:
        """How long the customer waited, each time, oldest first."""
        from sqlmodel import select

        from monitor.tables import VerdictRow

        with self._session() as session:
            query = select(VerdictRow).where(VerdictRow.conversation_id == conversation_id)
            return [_verdict(row, self._names) for row in session.exec(query.order_by("id"))]

    def differences(self) -> Iterator[tuple[int, dict[str, tuple[Any, Any]]]]:
        """Conversations whose row is not what their log says: id, and column → (row, log)."""
        columns = ", ".join(COLUMNS)
        last = 0
        while rows := self._database.read(
            f"SELECT id, {columns} FROM conversation WHERE id > :last ORDER BY id LIMIT 500",
            {"last": last},
        ):
            last = rows[-1][0]
            logged = self._logged(rows[0][0], last)
            for row in rows:
                stored = dict(zip(COLUMNS, row[1:], strict=True))
                told = replay(logged.get(row[0], []))
                wrong = {c: (stored[c], told[c]) for c in COLUMNS if stored[c] != told[c]}
                if wrong:
                    yield row[0], wrong

    def rebuild(self, conversation_id: int) -> None:
        """Set a conversation's row to what its log says."""
        self._lists.conversation(conversation_id)
        logged = self._logged(conversation_id, conversation_id)
        columns = replay(logged.get(conversation_id, []))
        with self._database.write(durable=True) as tx:
            update(tx, conversation_id, columns)

    def _logged(self, first: int, last: int) -> dict[int, list[Event]]:
        rows = self._database.read(
            "SELECT id, conversation_id, at, who, kind, changes, detail FROM event"
            " WHERE conversation_id BETWEEN :first AND :last ORDER BY id",
            {"first": first, "last": last},
        )
        logged: dict[int, list[Event]] = {}
        for row in rows:
            event = Event(
                row[0], row[1], from_micros(row[2]), row[3], row[4], json.loads(row[5]),
                json.loads(row[6]),
            )  # fmt: skip
            logged.setdefault(row[1], []).append(event)
        return logged

    def _session(self) -> Session:
        from sqlmodel import Session

        return Session(engine(self._database))


def _event(row: Any) -> Event:
    return Event(
        row.id, row.conversation_id, from_micros(row.at), row.who, row.kind,
        json.loads(row.changes), json.loads(row.detail),
    )  # fmt: skip


def _verdict(row: Any, names: AccountNames) -> Verdict:
    return Verdict(
        conversation_id=row.conversation_id,
        account=names.of(row.account_id).name,
        awaiting_since=from_micros(row.awaiting_since),
        reply_by=from_micros(row.reply_by),
        window=timedelta(microseconds=row.window_us),
        ended_at=from_micros(row.ended_at),
        seconds=row.waited_us / 1e6,
        seconds_in_hours=row.waited_in_hours_us / 1e6,
        outcome=row.outcome,
        who=row.who,
        through=row.through,
        in_time=bool(row.in_time),
    )
