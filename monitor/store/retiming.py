"""Deadlines computed anew after windows, hours or rules have changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.clock import from_micros, micros
from monitor.message import OWED, State
from monitor.policy import Policy
from monitor.rules import Facts
from monitor.store import log
from monitor.store.database import Database, Row, Transaction

_BATCH = 200
_OPEN = (
    "SELECT c.id, c.state, c.awaiting_since, c.window_us, c.reply_by, m.id, m.author_name,"
    " m.author_address, m.recipients, m.subject, m.body, coalesce(r.headers, ''), m.at, c.lead"
    " FROM conversation c JOIN message m ON m.conversation_id = c.id AND m.direction = 0"
    " AND m.reply_by IS NOT NULL LEFT JOIN raw r ON r.message_id = m.id"
    " WHERE c.id IN (SELECT id FROM conversation WHERE account_id = :account"
    " AND state IN (0, 1, 2) AND id > :after ORDER BY id LIMIT :limit)"
    " AND m.at >= c.awaiting_since ORDER BY c.id, m.at, m.id"
)


class Retiming:
    """The store's watchmaker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def retime(self, account_id: int, policy: Policy, now: datetime) -> int:
        """Recompute every open deadline of an account in short transactions; how many moved.

        The settings are marked as done at the end only, so a crash on the way starts it again.
        """
        moved, after = 0, 0
        while True:
            with self._database.write() as tx:
                rows = tx.run(_OPEN, {"account": account_id, "after": after, "limit": _BATCH})
                if not rows:
                    self._mark(tx, account_id, policy)
                    return moved
                moved += self._batch(tx, rows, policy, micros(now))
                after = rows[-1][0]

    def _batch(self, tx: Transaction, rows: list[Row], policy: Policy, now: int) -> int:
        moved = 0
        done: set[int] = set()
        for row in rows:
            window_us, reply_by, lead = self._due(row, policy)
            tx.run(
                "UPDATE message SET window_us = :window, reply_by = :reply_by WHERE id = :id",
                {"window": window_us, "reply_by": reply_by, "id": row[5]},
            )
            if row[0] in done or State(row[1]) not in OWED:
                continue
            done.add(row[0])
            changes = {"window_us": window_us, "reply_by": reply_by, "lead": lead}
            if changes != {"window_us": row[3], "reply_by": row[4], "lead": row[13]}:
                log.change(tx, row[0], now, "clock", "retimed", changes)
                moved += 1
        return moved

    @staticmethod
    def _due(row: Row, policy: Policy) -> tuple[int, int, int]:
        rule = policy.rule(
            Facts(policy.account, f"{row[6]} <{row[7]}>", row[8], row[9], row[10], row[11])
        )
        window = policy.window_of(rule)
        reply_by = policy.reply_by(from_micros(row[12]), window)
        return int(window.total_seconds() * 1_000_000), micros(reply_by), int(rule.lead)

    @staticmethod
    def _mark(tx: Transaction, account_id: int, policy: Policy) -> None:
        params: dict[str, Any] = {"clock": policy.fingerprint, "id": account_id}
        tx.run("UPDATE account SET clock = :clock WHERE id = :id", params)
