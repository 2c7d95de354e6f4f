"""Storing mail once in batches of 100, against bare inserts of the same finished rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from statistics import median
from typing import Any

from benchmarks.data import Worlds, connect
from benchmarks.mail import (
    BATCH,
    CONVERSATION,
    MESSAGE,
    POLICY,
    Finished,
    batches,
    finished,
)  # fmt: skip
from benchmarks.race import burst
from benchmarks.table import Row, Target
from monitor.clock import now
from monitor.intake import decide
from monitor.message import IncomingMessage
from monitor.store import Store, open_store
from monitor.store.accounts import PollLease
from tests.fakes import LEASE

_TARGETS = {"sqlite": Target(0.4, at_least=True), "postgresql": None}
_TABLES = ("conversation", "message", "raw", "thread_key", "event")


def measure(worlds: Worlds) -> Iterator[Row]:
    """New and replayed on every database; a duplicate or a missing row raises."""
    given = batches(2_000 if worlds.quick else 10_000)
    for database in worlds.databases:
        ours, bare = worlds.empty(database, "ours"), worlds.empty(database, "bare")
        with closing(open_store(ours, now())) as store, closing(connect(bare)) as connection:
            raw = _Sqlite(connection) if database == "sqlite" else _Postgres(connection)
            for pass_ in ("new", "replay"):
                yield _row(pass_, database, _race(store, raw, given))
                _same_rows(store, connection)


def _row(pass_: str, database: str, rates: tuple[float, float]) -> Row:
    what = "finished rows, same tables, FTS" if pass_ == "new" else "one SELECT, cursor"
    return Row(
        f"ingest, batches of {BATCH}, {pass_}", "-", database, "/s", rates[0], f"raw {what}",
        rates[1], _TARGETS[database],
    )  # fmt: skip


def _race(store: Store, raw: _Raw, given: list[list[IncomingMessage]]) -> tuple[float, float]:
    """Messages a second, ours and raw: the median batch; they take turns."""
    product, lease = Product(store), _lease(store)
    rows = [[finished(message) for message in batch] for batch in given]
    ours, bare = [], []
    for batch, finished_batch in zip(given, rows, strict=True):
        ours.append(burst(partial(product.take_in, lease, batch), 1))
        bare.append(burst(partial(raw.take_in, finished_batch), 1))
    return BATCH / median(ours), BATCH / median(bare)


def _lease(store: Store) -> PollLease:
    lease = store.accounts.lease(1, "bench", now(), LEASE, "bench")
    assert lease is not None
    return lease


def _same_rows(store: Store, connection: Any) -> None:
    for table in _TABLES:
        sql = f"SELECT count(*) FROM {table}"
        ours, bare = store.database.read(sql)[0][0], connection.execute(sql).fetchone()[0]
        assert ours == bare, f"{table}: {ours} rows, raw {bare}: duplicates, or other work"


class Product:
    """The product's own way in, as the poller takes it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take_in(self, lease: PollLease, batch: list[IncomingMessage]) -> None:
        self._store.ingest.batch(
            lease, batch, "cursor", lambda known: decide(batch, known, POLICY), now(), LEASE
        )


_SEARCHED = ("subject", "author_name", "author_address", "body")


class _Raw(ABC):
    """The least that stores a batch once: no types, no rules, every row finished before."""

    mark = "?"

    def __init__(self, connection: Any) -> None:
        self.execute: Callable[..., Any] = connection.execute
        self.many: Callable[..., Any] = connection.cursor().executemany

    def take_in(self, batch: list[Finished]) -> None:
        self.execute(self.begin)
        self.execute(self._sql("UPDATE poll SET cursor = ? WHERE account_id = 1"), ("cursor",))
        known = self._found("ext_id, 1 FROM message", "ext_id", [m.ext_id for m in batch])
        fresh = [message for message in batch if message.ext_id not in known]
        if fresh:
            self._store(fresh)
        self.execute("COMMIT")

    def _store(self, fresh: list[Finished]) -> None:
        parents = [m.parent for m in fresh if m.parent]
        threads = self._found("key, conversation_id FROM thread_key", "key", parents)
        opening = [m for m in fresh if not m.parent]
        ids = self.insert("conversation", CONVERSATION, [m.conversation for m in opening])
        threads |= {m.ext_id: number for m, number in zip(opening, ids, strict=True)}
        homes = [threads[m.parent or m.ext_id] for m in fresh]
        joining = [(m.preview, home) for m, home in zip(fresh, homes, strict=True) if m.parent]
        self.many(
            self._sql("UPDATE conversation SET preview = ?, version = version + 1 WHERE id = ?"),
            joining,
        )
        columns = ("conversation_id", *MESSAGE)
        rows = [(home, *m.message) for m, home in zip(fresh, homes, strict=True)]
        numbers = self.insert("message", columns, rows)
        self.make_searchable(numbers, fresh)
        self._rest(fresh, homes, numbers)

    def _rest(self, fresh: list[Finished], homes: list[int], ids: list[int]) -> None:
        self.fill(
            "raw", ("message_id", "source"), [(i, m.raw) for i, m in zip(ids, fresh, strict=True)]
        )
        keys = [(1, m.ext_id, home) for m, home in zip(fresh, homes, strict=True)]
        self.fill("thread_key", ("account_id", "key", "conversation_id"), keys)
        self.fill(
            "event",
            ("conversation_id", "at", "who", "kind", "changes", "detail"),
            [
                (home, m.message[6], "intake", "received", m.changes, m.detail)
                for m, home in zip(fresh, homes, strict=True)
            ],
        )

    def _found(self, what: str, column: str, values: list[str]) -> dict[str, int]:
        if not values:
            return {}
        marks = ", ".join("?" * len(values))
        sql = self._sql(f"SELECT {what} WHERE account_id = 1 AND {column} IN ({marks})")
        return dict(self.execute(sql, values).fetchall())

    def _insert_sql(self, table: str, columns: tuple[str, ...]) -> str:
        marks = ", ".join("?" * len(columns))
        return self._sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})")

    def _sql(self, text: str) -> str:
        return text.replace("?", self.mark)

    begin: str

    @abstractmethod
    def insert(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> list[int]:
        """Insert all rows; their new ids in order."""

    @abstractmethod
    def make_searchable(self, ids: list[int], fresh: list[Finished]) -> None:
        """Whatever the database doesn't do by itself."""

    @abstractmethod
    def fill(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        """Insert all rows."""


class _Sqlite(_Raw):
    begin = "BEGIN IMMEDIATE"

    def insert(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> list[int]:
        sql, execute = self._insert_sql(table, columns), self.execute
        return [execute(sql, row).lastrowid for row in rows]

    def fill(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        self.many(self._insert_sql(table, columns), rows)

    def make_searchable(self, ids: list[int], fresh: list[Finished]) -> None:
        places = [MESSAGE.index(name) for name in _SEARCHED]
        self.fill(
            "message_search",
            ("rowid", *_SEARCHED),
            [(i, *(m.message[place] for place in places)) for i, m in zip(ids, fresh, strict=True)],
        )


class _Postgres(_Raw):
    """Set by set: one statement for a table, its rows as one VALUES list."""

    begin = "BEGIN"
    mark = "%s"

    def insert(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> list[int]:
        if not rows:
            return []
        found = self.execute(self._values(table, columns, rows) + " RETURNING id", _flat(rows))
        return [row[0] for row in found.fetchall()]

    def make_searchable(self, ids: list[int], fresh: list[Finished]) -> None:
        return None  # a generated column

    def fill(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        self.execute(self._values(table, columns, rows), _flat(rows))

    def _values(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> str:
        row = f"({', '.join(['%s'] * len(columns))})"
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([row] * len(rows))


def _flat(rows: list[Any]) -> list[Any]:
    return [value for row in rows for value in row]
