"""Databases of a given size in the product's own schema, made once a run in pure SQL."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psycopg

from monitor.clock import micros, now
from monitor.store import open_store
from tests.servers.need import Missing
from tests.servers.postgres import Postgres

ACCOUNTS = 20
PEOPLE = 50

# A tenth is snoozed, of the others three in ten are claimed; a twentieth is overdue, and the rest
# falls due within the next 19 days. `h` spreads the times, `g` everything else.
_FILL = """
INSERT INTO conversation (account_id, kind, customer_name, customer_address, subject, preview,
  state, awaiting_since, window_us, reply_by, assignee, claim_until, snooze_until)
SELECT 1 + g % {accounts}, 'email', 'Customer ' || n, 'customer' || n || '@customer.test',
  'Where is my order ' || n || '?',
  'Hello, I ordered something two weeks ago and it has not come. Could you find out where order '
  || n || ' is, and when it will be here?',
  CASE WHEN g / 20 % 10 = 0 THEN 1 ELSE 0 END, {now} + h * 400 - 107374182400, 21600000000,
  {now} + h * 400 - 85899345920,
  CASE WHEN g / 20 % 10 > 0 AND g / 200 % 10 < 3 THEN 'person ' || (g / 2000 % {people}) END,
  CASE WHEN g / 20 % 10 > 0 AND g / 200 % 10 < 3 THEN {now} + 86400000000 END,
  CASE WHEN g / 20 % 10 = 0 THEN {now} + 86400000000 END
FROM (SELECT n, n * 2654435761 % 4294967296 AS h, n * 1964243532 % 2147483647 AS g FROM numbers) t
"""
_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size})",
    "postgresql": "WITH numbers AS (SELECT generate_series(1::bigint, {size}) AS n)",
}
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master"
    " WHERE type = 'index' AND tbl_name = 'conversation' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes"
    " WHERE tablename = 'conversation' AND indexname LIKE 'ix%'",
}
_TIDY = {"sqlite": "ANALYZE", "postgresql": "VACUUM ANALYZE"}


@dataclass
class Worlds:
    """The databases of a run; without a PostgreSQL server only those of SQLite."""

    folder: Path
    server: Postgres | None
    sizes: tuple[int, ...]
    quick: bool = False
    peers: bool = False
    _urls: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def databases(self) -> tuple[str, ...]:
        """What can be measured here."""
        return ("sqlite", "postgresql") if self.server else ("sqlite",)

    def each(self) -> Iterator[tuple[int, str, str]]:
        """Size, database and URL of every filled world."""
        for database in self.databases:
            for size in self.sizes:
                yield size, database, self.filled(database, size)

    def filled(self, database: str, size: int) -> str:
        """The URL of a database with so many open conversations."""
        if (database, size) not in self._urls:
            begin = perf_counter()
            self._urls[database, size] = url = self.empty(database, str(size))
            _fill(url, database, size)
            say(f"{database}: {size:,} conversations made in {perf_counter() - begin:.1f} s")
        return self._urls[database, size]

    def empty(self, database: str, name: str) -> str:
        """The URL of a new database with nothing but the accounts."""
        if database == "sqlite":
            url = f"sqlite:///{self.folder / name}.db"
        else:
            assert self.server is not None
            url = self.server.new_database()
        store = open_store(url, now())
        store.accounts.ensure({f"account {n}": "email" for n in range(1, ACCOUNTS + 1)}, now())
        store.close()
        return url


def connect(url: str) -> Any:
    """A bare connection, set up as the product sets up its own: the baseline of every row."""
    if not url.startswith("sqlite:///"):
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), isolation_level=None, cached_statements=256
    )
    for setting in ("synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("PRAGMA cache_size=-32000")
    return connection


def say(text: str) -> None:
    """Progress, beside the table."""
    print(f"  ({text})", file=sys.stderr, flush=True)


@contextmanager
def worlds(sizes: tuple[int, ...], *, quick: bool, peers: bool = False) -> Iterator[Worlds]:
    """A temporary folder and a private PostgreSQL that syncs as in real life."""
    with TemporaryDirectory(prefix="replyby-bench-") as folder:
        try:
            server = Postgres(durable=True)
        except Missing as missing:
            say(f"SKIPPED: everything on PostgreSQL: {missing}")
            yield Worlds(Path(folder), None, sizes, quick, peers)
            return
        with server:
            yield Worlds(Path(folder), server, sizes, quick, peers)


def _fill(url: str, database: str, size: int) -> None:
    connection = connect(url)
    indexes = connection.execute(_INDEXES[database]).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    numbers = _NUMBERS[database].format(size=size)
    rows = _FILL.format(now=micros(now()), accounts=ACCOUNTS, people=PEOPLE)
    connection.execute(_with_numbers(numbers, rows))
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute(_TIDY[database])
    connection.close()


def _with_numbers(numbers: str, rows: str) -> str:
    insert, select = rows.split("SELECT", 1)
    return f"{insert}{numbers} SELECT{select}"
