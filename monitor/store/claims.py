"""Who has which conversation: leases that two people can't hold, and what wakes by itself."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from monitor.clock import micros
from monitor.message import Conversation
from monitor.store import log
from monitor.store.accounts import AccountNames
from monitor.store.database import Database, Row, Transaction, for_update, in_list
from monitor.store.lists import CONVERSATION
from monitor.urgency import LEASE_LEAST, LEASE_MOST

_MICROSECOND = timedelta(microseconds=1)
_LEAST, _MOST = LEASE_LEAST // _MICROSECOND, LEASE_MOST // _MICROSECOND
# `urgency.lease`, in SQL: the claim is one statement, and it has to know its own length.
_UNTIL = (
    f":now + CASE WHEN window_us / 4 < {_LEAST} THEN {_LEAST}"
    f" WHEN window_us / 4 > {_MOST} THEN {_MOST} ELSE window_us / 4 END"
)
_TAKE = f"UPDATE conversation SET assignee = :who, claim_until = {_UNTIL}, version = version + 1"
_FREE = "(assignee IS NULL OR assignee = :who OR claim_until < :now)"
_NEXT = (
    "SELECT id FROM conversation WHERE state = 0 AND assignee IS NULL{accounts}"
    " ORDER BY reply_by, awaiting_since, id LIMIT 1{lock}"
)
_LOG = (
    "INSERT INTO event (conversation_id, at, who, kind, changes, detail) SELECT id, :now, :who,"
    " 'claimed', '{\"assignee\":' || to_json(assignee)::text || ',\"claim_until\":'"
    " || claim_until || '}', '{}' FROM c"
)


_OF = " AND account_id = :account"


def _sqlite(accounts: str) -> str:
    chosen = _NEXT.format(accounts=accounts, lock="")
    return f"{_TAKE} WHERE id = ({chosen}) RETURNING {CONVERSATION}"


def _postgres(accounts: str) -> str:
    chosen = _NEXT.format(accounts=accounts, lock=" FOR UPDATE SKIP LOCKED")
    taken = f"{_TAKE} WHERE id = ({chosen}) RETURNING {CONVERSATION}"
    return f"WITH c AS ({taken}), logged AS ({_LOG}) SELECT * FROM c"


_TAKE_NEXT, _TAKE_NEXT_OF = _sqlite(""), _sqlite(_OF)
_POSTGRES_NEXT, _POSTGRES_NEXT_OF = _postgres(""), _postgres(_OF)
_LOG_ONE = (
    "INSERT INTO event (conversation_id, at, who, kind, changes, detail)"
    " VALUES (:id, :now, :who, 'claimed', :claim, '{}')"
)
_quoted = lru_cache(1024)(json.JSONEncoder(ensure_ascii=False).encode)


class Claims:
    """The store's key rack."""

    def __init__(self, database: Database, names: AccountNames) -> None:
        self._database = database
        self._names = names

    def next(self, who: str, now: datetime, account: int | None = None) -> Conversation | None:
        """Claim the most urgent conversation that nobody has; None where there is none."""
        params = {"who": who, "now": micros(now), "account": account}
        if self._database.dialect == "sqlite":
            with self._database.write() as tx:
                rows = tx.run(_TAKE_NEXT_OF if account is not None else _TAKE_NEXT, params)
                self._log_claim(tx, rows, params)
        else:
            next_one = _POSTGRES_NEXT_OF if account is not None else _POSTGRES_NEXT
            rows = self._database.write_one(next_one, params)
        return self._conversation(rows[0]) if rows else None

    def take(self, conversation_id: int, who: str, now: datetime) -> Conversation | None:
        """Claim this one, or renew one's own claim; None where a colleague holds it."""
        params = {"who": who, "now": micros(now), "id": conversation_id}
        with self._database.write() as tx:
            rows = tx.run(
                f"{_TAKE} WHERE id = :id AND state IN (0, 1) AND {_FREE} RETURNING {CONVERSATION}",
                params,
            )
            self._log_claim(tx, rows, params)
        return self._conversation(rows[0]) if rows else None

    def release(self, conversation_id: int, who: str, now: datetime) -> bool:
        """Give one's own claim back; False where it was not one's own."""
        nobody = {"assignee": None, "claim_until": None}
        with self._database.write() as tx:
            rows = tx.run(
                "SELECT id FROM conversation WHERE id = :id AND assignee = :who"
                + for_update(self._database),
                {"id": conversation_id, "who": who},
            )
            if rows:
                log.change(tx, conversation_id, micros(now), who, "released", nobody)
        return bool(rows)

    def assign(
        self, conversation_id: int, who: str, to: str, holders: Collection[str], now: datetime
    ) -> bool:
        """Let `to` hold it; False where somebody else than the `holders` does."""
        clause, params = in_list("assignee", "holder", holders)
        params |= {"id": conversation_id, "to": to, "now": micros(now)}
        with self._database.write() as tx:
            rows = tx.run(
                f"SELECT id, {_UNTIL} FROM conversation WHERE id = :id AND state = 0"
                f" AND (assignee IS NULL OR claim_until < :now OR {clause})"
                + for_update(self._database),
                params,
            )
            if rows:
                held = {"assignee": to, "claim_until": int(rows[0][1])}
                log.change(tx, conversation_id, micros(now), who, "assigned", held)
        return bool(rows)

    def tick(self, now: datetime) -> int:
        """Let claims lapse and wake what was snoozed until now; how many changed."""
        # No claim lasts longer than the longest lease, unless the clock was set back meanwhile.
        at = {"now": micros(now), "never": micros(now) + 2 * _MOST}
        if not self._database.read(
            "SELECT 1 FROM conversation WHERE claim_until < :now UNION ALL"
            " SELECT 1 FROM conversation WHERE claim_until > :never UNION ALL"
            " SELECT 1 FROM conversation WHERE state = 1 AND snooze_until <= :now LIMIT 1",
            at,
        ):
            return 0
        with self._database.write() as tx:
            lapsed = tx.run(
                "UPDATE conversation SET assignee = NULL, claim_until = NULL,"
                " version = version + 1 WHERE claim_until < :now OR claim_until > :never"
                " RETURNING id",
                at,
            )
            woken = tx.run(
                "UPDATE conversation SET state = 0, snooze_until = NULL, version = version + 1"
                " WHERE state = 1 AND snooze_until <= :now RETURNING id",
                at,
            )
            self._log_all(tx, lapsed, at["now"], "lapsed", {"assignee": None, "claim_until": None})
            self._log_all(tx, woken, at["now"], "woken", {"state": 0, "snooze_until": None})
        return len(lapsed) + len(woken)

    @staticmethod
    def _log_claim(tx: Transaction, rows: list[Row], params: dict[str, Any]) -> None:
        """The line of the claim that `rows` came back from, if it took one."""
        if rows:
            claim = f'{{"assignee":{_quoted(params["who"])},"claim_until":{rows[0][12]}}}'
            tx.run(_LOG_ONE, {**params, "id": rows[0][0], "claim": claim})

    @staticmethod
    def _log_all(
        tx: Transaction, rows: list[Row], at: int, kind: str, changes: dict[str, object]
    ) -> None:
        log.append(tx, [log.event(row[0], at, "clock", kind, changes) for row in rows])

    def _conversation(self, row: Row) -> Conversation:
        return Conversation(row[0], *self._names.of(row[1]), *row[2:])
