"""Accounts: their names, how far they are read, by whom just now, and how they are doing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from monitor.clock import micros, opt_from_micros
from monitor.health import Health, Status, Trouble
from monitor.store.database import Database, Transaction

# A clock that was wrong and is set right again leaves moments in the future behind; what would
# otherwise wait for them goes on at once.
_JUMP = timedelta(minutes=1)
_LEASE_MOST = timedelta(hours=1)
_STATUS = (
    "SELECT a.name, a.channel, p.state, p.since, p.reason, p.remedy, p.last_ok, p.last_poll,"
    " p.next_at, p.ledger FROM account a JOIN poll p ON p.account_id = a.id ORDER BY a.name"
)


class AccountName(NamedTuple):
    """What a conversation shows of its account."""

    name: str
    channel: str


@dataclass(frozen=True, slots=True)
class PollLease:
    """The right to poll an account; what is stored under an older fence is refused."""

    account_id: int
    owner: str
    fence: int
    cursor: str | None


class AccountNames:
    """Account ids and names, read once: accounts are never renamed and never removed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[int, AccountName] = {}

    def of(self, account_id: int) -> AccountName:
        """The account's name and channel."""
        if account_id not in self._names:
            rows = self._database.read("SELECT id, name, channel FROM account")
            self._names = {row[0]: AccountName(row[1], row[2]) for row in rows}
        return self._names[account_id]


class Accounts:
    """The store's list of accounts and of who polls them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, accounts: Mapping[str, str], now: datetime) -> None:
        """Make the accounts (name to channel) that are not there yet."""
        known = {row[0] for row in self._database.read("SELECT name FROM account")}
        if all(name in known for name in accounts):
            return
        with self._database.write() as tx:
            for name, channel in accounts.items():
                tx.run(
                    "INSERT INTO account (name, channel) VALUES (:name, :channel)"
                    " ON CONFLICT (name) DO NOTHING",
                    {"name": name, "channel": channel},
                )
            tx.run(
                "INSERT INTO poll (account_id, since, reason, remedy)"
                " SELECT id, :now, 'not polled yet', 'run `replyby poll` or `replyby run`'"
                " FROM account WHERE id NOT IN (SELECT account_id FROM poll)"
                " ON CONFLICT (account_id) DO NOTHING",
                {"now": micros(now)},
            )

    def ids(self) -> dict[str, int]:
        """Account names to ids."""
        return {row[1]: row[0] for row in self._database.read("SELECT id, name FROM account")}

    def channels(self) -> dict[str, str]:
        """Account names to channels, accounts that config.toml names no longer among them."""
        return dict(self._database.read("SELECT name, channel FROM account"))

    def clock(self, account_id: int) -> str:
        """The settings that the account's reply-by times were computed with."""
        sql = "SELECT clock FROM account WHERE id = :id"
        return str(self._database.read(sql, {"id": account_id})[0][0])

    def cursor(self, account_id: int) -> str | None:
        """Where the account's last poll stopped, None before the first."""
        sql = "SELECT cursor FROM poll WHERE account_id = :id"
        cursor: str | None = self._database.read(sql, {"id": account_id})[0][0]
        return cursor

    def charge(self, account_id: int, charged: Callable[[str | None], str], now: datetime) -> bool:
        """Count something in the cursor, between two polls; False while one is under way."""
        before = self.cursor(account_id)
        rows = self._database.write_one(
            "UPDATE poll SET cursor = :after WHERE account_id = :id"
            " AND COALESCE(cursor, '') = :before AND (lease_owner IS NULL OR lease_until < :now)"
            " RETURNING fence",
            {
                "id": account_id, "before": before or "", "after": charged(before),
                "now": micros(now),
            },
        )  # fmt: skip
        return bool(rows)

    def statuses(self) -> list[Status]:
        """How every account is doing, by name."""
        return [
            Status(
                name=row[0],
                channel=row[1],
                state=Health(row[2]),
                since=opt_from_micros(row[3] or None),
                reason=row[4],
                remedy=row[5],
                last_ok=opt_from_micros(row[6]),
                last_poll=opt_from_micros(row[7]),
                next_at=opt_from_micros(row[8] or None),
                ledger=json.loads(row[9]),
            )
            for row in self._database.read(_STATUS)
        ]

    def due(self, now: datetime) -> list[str]:
        """Names of the accounts whose next poll is due and that nobody polls, longest due first."""
        rows = self._database.read(
            "SELECT a.name FROM poll p JOIN account a ON a.id = p.account_id"
            " WHERE (p.next_at <= :now OR p.last_poll > :jumped)"
            " AND (p.lease_until IS NULL OR p.lease_until < :now OR p.lease_until > :never)"
            " ORDER BY p.next_at",
            {
                "now": micros(now),
                "jumped": micros(now + _JUMP),
                "never": micros(now + _LEASE_MOST),
            },
        )
        return [row[0] for row in rows]

    def holder(self, account_id: int) -> str | None:
        """Who holds the poll of an account, lapsed or not."""
        sql = "SELECT lease_owner FROM poll WHERE account_id = :id"
        owner: str | None = self._database.read(sql, {"id": account_id})[0][0]
        return owner

    def lease(
        self, account_id: int, owner: str, now: datetime, length: timedelta, dead: str | None
    ) -> PollLease | None:
        """The right to poll, None while another holds it; `dead` is a holder known to be gone."""
        rows = self._database.write_one(
            "UPDATE poll SET lease_owner = :owner, lease_until = :until, fence = fence + 1"
            " WHERE account_id = :id AND (lease_owner IS NULL OR lease_until < :now"
            " OR lease_until > :never OR lease_owner = :dead) RETURNING fence, cursor",
            {
                "id": account_id, "owner": owner, "now": micros(now), "dead": dead or "",
                "until": micros(now + length), "never": micros(now + _LEASE_MOST),
            },
        )  # fmt: skip
        return PollLease(account_id, owner, rows[0][0], rows[0][1]) if rows else None

    def succeeded(
        self, lease: PollLease, now: datetime, next_at: datetime, ledger: Mapping[str, Any]
    ) -> bool:
        """End a poll that went well; False where somebody else has taken over meanwhile."""
        rows = self._database.write_one(
            "UPDATE poll SET lease_owner = NULL, lease_until = NULL, fails = 0, last_ok = :now,"
            " last_poll = :now, next_at = :next_at, ledger = :ledger, reason = '', remedy = '',"
            " since = CASE WHEN state = 'ok' THEN since ELSE :now END, state = 'ok'"
            " WHERE account_id = :id AND fence = :fence RETURNING fence",
            {
                "id": lease.account_id, "fence": lease.fence, "now": micros(now),
                "next_at": micros(next_at), "ledger": json.dumps(dict(ledger)),
            },
        )  # fmt: skip
        return bool(rows)

    def failed(self, lease: PollLease, now: datetime, next_at: datetime, trouble: Trouble) -> bool:
        """End a poll that failed; `since` stays where the account was in this state already."""
        rows = self._database.write_one(
            "UPDATE poll SET lease_owner = NULL, lease_until = NULL, fails = fails + 1,"
            " last_poll = :now, next_at = :next_at, reason = :reason, remedy = :remedy,"
            " since = CASE WHEN state = :state AND fails > 0 THEN since ELSE :now END,"
            " state = :state WHERE account_id = :id AND fence = :fence RETURNING fence",
            {
                "id": lease.account_id, "fence": lease.fence, "now": micros(now),
                "next_at": micros(next_at), "state": str(trouble.state),
                "reason": trouble.reason, "remedy": trouble.remedy,
            },
        )  # fmt: skip
        return bool(rows)

    def fails(self, account_id: int) -> int:
        """How many polls failed in a row."""
        sql = "SELECT fails FROM poll WHERE account_id = :id"
        return int(self._database.read(sql, {"id": account_id})[0][0])


def advance(
    tx: Transaction, lease: PollLease, cursor: str | None, now: datetime, length: timedelta
) -> bool:
    """Move the cursor and renew the lease within a batch's transaction; False if it was lost."""
    return bool(
        tx.run(
            "UPDATE poll SET cursor = :cursor, lease_until = :until"
            " WHERE account_id = :id AND fence = :fence RETURNING fence",
            {
                "id": lease.account_id,
                "fence": lease.fence,
                "cursor": cursor,
                "until": micros(now + length),
            },
        )
    )
