"""SQLite: WAL, one writer at a time by a lock that queues fairly, reads in autocommit."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.errors import StoreBusy, StoreError
from monitor.store.database import NO_PARAMS, Params, Row

_BUSY_SECONDS = 10
_PRAGMAS = (
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


class _Writing:
    """A write transaction as a `with` block; a generator would cost a claim a tenth of its time."""

    __slots__ = ("_connection", "_database", "_durable")

    def __init__(
        self, database: SqliteDatabase, connection: sqlite3.Connection, durable: bool
    ) -> None:
        self._database = database
        self._connection = connection
        self._durable = durable

    def __enter__(self) -> SqliteTransaction:
        self._database.take_turn(durable=self._durable)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._database.end_turn()
            raise self._database.translated(error) from None
        return SqliteTransaction(self._connection)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._connection.execute("COMMIT")
        except sqlite3.Error as failed:
            error = failed
        finally:
            try:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            finally:
                self._database.end_turn()
        if isinstance(error, sqlite3.Error):
            raise self._database.translated(error) from None


class SqliteDatabase:
    """A database file, mode 0600, with a connection for every thread that uses it."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///"))
        self._local = threading.local()
        self._all: list[tuple[sqlite3.Connection, int, int]] = []
        self._guard = threading.Lock()

    def read(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        try:
            return self._connection().execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self.translated(error) from None

    def write(self, *, durable: bool = False) -> _Writing:
        return _Writing(self, self._connection(), durable)

    def write_one(self, sql: str, params: Params) -> list[Row]:
        # Autocommit: SQLite makes a single statement a transaction by itself.
        connection = self._connection()
        self.take_turn(durable=False)
        try:
            return connection.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self.translated(error) from None
        finally:
            self.end_turn()

    def change_mark(self) -> object:
        return self.read("PRAGMA data_version")[0][0]

    def close(self) -> None:
        with self._guard:
            for connection, *locks in self._all:
                try:
                    connection.execute("PRAGMA analysis_limit=1000")
                    connection.execute("PRAGMA optimize")
                    connection.close()
                except sqlite3.Error:
                    continue  # closing what can't be closed any more loses nothing
                finally:
                    for lock in locks:
                        os.close(lock)
            self._all.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return connection or self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            # Never opened again where it is there: closing any handle of a file drops all the
            # locks that this process holds on it, SQLite's own among them (POSIX).
            if not self.path.exists():
                os.close(private_file(self.path))
            lock = private_file(self.path.with_name(self.path.name + ".writer"))
            door = private_file(self.path.with_name(self.path.name + ".door"))
        except OSError as error:
            raise StoreError(f"can't open the database {self.path}: {error.strerror}") from None
        try:
            connection = connect(self.path)
            _to_wal(connection, lock)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error as error:
            os.close(lock)
            os.close(door)
            raise self.translated(error) from None
        self._local.connection, self._local.lock, self._local.door = connection, lock, door
        self._local.durable = None
        with self._guard:
            self._all.append((connection, lock, door))
        return connection

    def take_turn(self, *, durable: bool) -> None:
        """Wait until this thread is the only writer, as durable as it asks to be."""
        # SQLite's own busy handler sleeps and is unfair: under load a writer starves for seconds.
        try:
            fcntl.flock(self._local.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait_at_door()
        if self._local.durable is not durable:
            level = "FULL" if durable else "NORMAL"
            self._local.connection.execute(f"PRAGMA synchronous={level}")
            self._local.durable = durable

    def _wait_at_door(self) -> None:
        """Wait where `contended` sees it."""
        fcntl.flock(self._local.door, fcntl.LOCK_SH)
        try:
            fcntl.flock(self._local.lock, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._local.door, fcntl.LOCK_UN)

    def contended(self) -> bool:
        self._connection()
        try:
            fcntl.flock(self._local.door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._local.door, fcntl.LOCK_UN)
        return False

    def end_turn(self) -> None:
        """Let the next writer in."""
        fcntl.flock(self._local.lock, fcntl.LOCK_UN)

    def translated(self, error: sqlite3.Error) -> StoreError:
        """SQLite's error in our words, without what customers wrote."""
        code = getattr(error, "sqlite_errorname", "") or ""
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StoreBusy(f"the database {self.path} is held by another program; try again")
        if code.startswith("SQLITE_FULL"):
            return StoreError(f"the disk of {self.path} is full: nothing was stored; make room")
        if code.startswith("SQLITE_CANTOPEN"):
            return StoreError(f"can't open the database {self.path}: {error}")
        if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return StoreError(f"{self.path} is damaged or no replyby database: {error}")
        return StoreError(f"{error} (in the database {self.path})")


def connect(path: Path) -> sqlite3.Connection:
    """A connection as replyby uses them: transactions by hand, usable from its thread's closer."""
    return sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False,
        cached_statements=256,
    )  # fmt: skip


def _to_wal(connection: sqlite3.Connection, lock: int) -> None:
    """The mode stays with the file. One program at a time: SQLite lets nobody wait here."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def private_file(path: Path) -> int:
    """Open a file that only its owner can read, making it where it is missing."""
    flags: Any = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    return os.open(path, flags, 0o600)
