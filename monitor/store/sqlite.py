"""SQLite: WAL, one writer at a time by a lock that queues fairly, reads in autocommit."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.errors import StoreBusy, StoreError
from monitor.store.database import NO_PARAMS, Params, Row

_BUSY_SECONDS = 10
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32000",
)


class SqliteTransaction:
    """One transaction on this thread's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        return self._connection.execute(sql, params).fetchall()

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        self._connection.executemany(sql, rows)

    def insert(self, sql: str, rows: Sequence[Params]) -> list[int]:
        execute = self._connection.execute
        return [execute(sql, row).lastrowid or 0 for row in rows]


class SqliteDatabase:
    """A database file, mode 0600, with a connection for every thread that uses it."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///"))
        self._local = threading.local()
        self._all: list[tuple[sqlite3.Connection, int]] = []
        self._guard = threading.Lock()

    def read(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        try:
            return self._connection().execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self._translated(error) from None

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[SqliteTransaction]:
        connection = self._connection()
        with self._writer_lock():
            try:
                self._set_durable(connection, durable)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield SqliteTransaction(connection)
                except BaseException:
                    self._roll_back(connection)
                    raise
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back(connection)
                raise self._translated(error) from None

    def write_one(self, sql: str, params: Params) -> list[Row]:
        connection = self._connection()
        with self._writer_lock():
            try:
                self._set_durable(connection, False)
                return connection.execute(sql, params).fetchall()
            except sqlite3.Error as error:
                raise self._translated(error) from None

    def change_mark(self) -> object:
        return self.read("PRAGMA data_version")[0][0]

    def close(self) -> None:
        with self._guard:
            for connection, lock in self._all:
                try:
                    connection.execute("PRAGMA analysis_limit=1000")
                    connection.execute("PRAGMA optimize")
                    connection.close()
                except sqlite3.Error:
                    continue  # closing what can't be closed any more loses nothing
                finally:
                    os.close(lock)
            self._all.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return connection or self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            lock = private_file(self.path.with_name(self.path.name + ".writer"))
            os.close(private_file(self.path))
        except OSError as error:
            raise StoreError(f"can't open the database {self.path}: {error.strerror}") from None
        try:
            connection = connect(self.path)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error as error:
            os.close(lock)
            raise self._translated(error) from None
        self._local.connection, self._local.lock, self._local.durable = connection, lock, None
        with self._guard:
            self._all.append((connection, lock))
        return connection

    def _set_durable(self, connection: sqlite3.Connection, durable: bool) -> None:
        if self._local.durable is not durable:
            level = "FULL" if durable else "NORMAL"
            connection.execute(f"PRAGMA synchronous={level}")
            self._local.durable = durable

    @contextmanager
    def _writer_lock(self) -> Iterator[None]:
        # SQLite's own busy handler sleeps and is unfair: under load a writer starves for seconds.
        lock: int = self._local.lock
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)

    @staticmethod
    def _roll_back(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")

    def _translated(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorname", "") or ""
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StoreBusy(f"the database {self.path} is held by another program; try again")
        if code.startswith("SQLITE_FULL"):
            return StoreError(f"the disk of {self.path} is full: nothing was stored; make room")
        if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return StoreError(f"{self.path} is damaged or no replyby database: {error}")
        return StoreError(f"the database {self.path}: {error}")


def connect(path: Path) -> sqlite3.Connection:
    """A connection as replyby uses them: transactions by hand, usable from its thread's closer."""
    return sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False,
        cached_statements=256,
    )  # fmt: skip


def private_file(path: Path) -> int:
    """Open a file that only its owner can read, making it where it is missing."""
    flags: Any = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    return os.open(path, flags, 0o600)
