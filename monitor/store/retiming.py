"""Deadlines computed anew after windows, hours or rules have changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from monitor.clock import from_micros, micros
from monitor.policy import Policy
from monitor.rules import Facts
from monitor.store import log, verdicts
from monitor.store.database import Database, Row, Transaction, for_update, in_list

_BATCH = 200
_OPEN = "SELECT count(*) FROM conversation WHERE state IN (0, 1, 2) AND {where}"
_NEXT = (
    "SELECT id, awaiting_since, window_us, reply_by, lead FROM conversation"
    " WHERE account_id = :account AND state IN (0, 1, 2) AND id > :after ORDER BY id LIMIT :limit"
)
_WRITTEN = (
    "SELECT m.conversation_id, m.id, m.author_name, m.author_address, m.recipients, m.subject,"
    " m.body, coalesce(r.headers, ''), m.at, m.window_us, m.reply_by,"
    # What came through another account too keeps the stricter of both times.
    " m.account_id = :account AND NOT EXISTS (SELECT 1 FROM door d WHERE d.message_id = m.id)"
    " FROM message m JOIN conversation c ON c.id = m.conversation_id AND m.at >= c.awaiting_since"
    " LEFT JOIN raw r ON r.message_id = m.id"
    " WHERE {where} AND m.direction = 0 AND m.reply_by IS NOT NULL ORDER BY m.at, m.id"
)

Done = Callable[[int], None]


class Retiming:
    """The store's watchmaker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, account_ids: Collection[int]) -> int:
        """How many deadlines these accounts have to be kept."""
        where, params = in_list("account_id", "account", account_ids)
        return int(self._database.read(_OPEN.format(where=where), params)[0][0])

    def retime(
        self, account_id: int, policy: Policy, now: datetime, done: Done = lambda count: None
    ) -> int:
        """Recompute every open deadline of an account in short transactions; how many moved.

        `done` is called with the number of each transaction's. The settings are marked as done at
        the end only, so a crash on the way starts it again.
        """
        moved, after = 0, 0
        while True:
            with self._database.write() as tx:
                params = {"account": account_id, "after": after, "limit": _BATCH}
                rows = tx.run(_NEXT + for_update(self._database), params)
                if not rows:
                    self._mark(tx, account_id, policy)
                    return moved
                moved += self._batch(tx, account_id, rows, policy, micros(now))
                after = rows[-1][0]
            done(len(rows))

    @staticmethod
    def _batch(tx: Transaction, account_id: int, rows: list[Row], policy: Policy, now: int) -> int:
        where, params = in_list("m.conversation_id", "c", [row[0] for row in rows])
        written: dict[int, list[Row]] = {}
        params["account"] = account_id
        for message in tx.run(_WRITTEN.format(where=where), params):
            written.setdefault(message[0], []).append(message)
        moved = 0
        for number, since, window_us, reply_by, lead in rows:
            waits = [_due(message, policy, bool(lead)) for message in written.get(number, ())]
            tx.many(
                verdicts.SET_TIMES,
                [
                    {"id": w.message, "window_us": w.window_us, "reply_by": w.reply_by}
                    for w in waits
                ],
            )
            if not waits or written[number][0][8] != since:
                continue  # an answer of ours that failed began this wait: it has no window
            changes = {
                "window_us": waits[0].window_us,
                "reply_by": waits[0].reply_by,
                "lead": int(any(wait.lead for wait in waits)),
            }
            if changes != {"window_us": window_us, "reply_by": reply_by, "lead": lead}:
                log.change(tx, number, now, "clock", "retimed", changes)
                moved += 1
        return moved

    @staticmethod
    def _mark(tx: Transaction, account_id: int, policy: Policy) -> None:
        params: dict[str, Any] = {"clock": policy.fingerprint, "id": account_id}
        tx.run("UPDATE account SET clock = :clock WHERE id = :id", params)


class _Wait(NamedTuple):
    """What the settings of now make of one message."""

    message: int
    window_us: int
    reply_by: int
    lead: bool


def _due(row: Row, policy: Policy, lead: bool) -> _Wait:
    if not row[11]:
        return _Wait(row[1], row[9], row[10], lead)
    facts = Facts(policy.account, f"{row[2]} <{row[3]}>", row[4], row[5], row[6], row[7])
    rule = policy.rule(facts)
    window = policy.window_of(rule)
    reply_by = policy.reply_by(from_micros(row[8]), window)
    return _Wait(row[1], window // timedelta(microseconds=1), micros(reply_by), rule.lead)
