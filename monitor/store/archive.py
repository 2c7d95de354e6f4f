"""What is asked seldom: the log, the verdicts, search, and whether the log tells the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from monitor.clock import from_micros
from monitor.history import replay
from monitor.message import Conversation, Event, Verdict
from monitor.store.accounts import AccountNames
from monitor.store.database import Database, Row
from monitor.store.lists import Lists
from monitor.store.log import COLUMNS, update

_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_VERDICTS = (
    "SELECT conversation_id, account_id, awaiting_since, reply_by, window_us, ended_at, waited_us,"
    " waited_in_hours_us, outcome, who, through, in_time FROM verdict"
    " WHERE conversation_id = :id ORDER BY id"
)


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
        return self._logged(conversation_id, conversation_id).get(conversation_id, [])

    def verdicts(self, conversation_id: int) -> list[Verdict]:
        """How long the customer waited, each time, oldest first."""
        rows = self._database.read(_VERDICTS, {"id": conversation_id})
        return [_verdict(row, self._names) for row in rows]

    def others(self, conversation: Conversation, limit: int = 50) -> list[Conversation]:
        """The customer's other conversations, newest first; never somebody else's.

        A mail address is the same person's on every channel. Any other name is only known to be
        theirs within its account: platforms number people each in their own way.
        """
        address = conversation.customer_address
        if not address:
            return []
        where = "lower(customer_address) = lower(:address) AND id <> :id"
        params = {"address": address, "id": conversation.id, "limit": limit}
        if not _MAIL_ADDRESS.fullmatch(address):
            where += (
                " AND customer_address = :address"
                " AND account_id = (SELECT account_id FROM conversation WHERE id = :id)"
            )
        sql = f"SELECT id FROM conversation WHERE {where} ORDER BY id DESC LIMIT :limit"
        return self._lists.conversations([row[0] for row in self._database.read(sql, params)])

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


def _verdict(row: Row, names: AccountNames) -> Verdict:
    return Verdict(
        conversation_id=row[0],
        account=names.of(row[1]).name,
        awaiting_since=from_micros(row[2]),
        reply_by=from_micros(row[3]),
        window=timedelta(microseconds=row[4]),
        ended_at=from_micros(row[5]),
        seconds=row[6] / 1e6,
        seconds_in_hours=row[7] / 1e6,
        outcome=row[8],
        who=row[9],
        through=row[10],
        in_time=bool(row[11]),
    )
