"""PostgreSQL through psycopg 3: a connection for every thread, renewed after it was lost."""

from __future__ import annotations

import re
import select
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from monitor.errors import StoreBusy, StoreError
from monitor.store.database import NO_PARAMS, Params, Row, without_password

_NAMED = re.compile(r"(?<!:):([a-z_]\w*)")
_CONNECT = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "replyby",
    "options": "-c idle_in_transaction_session_timeout=60s -c lock_timeout=15s",
}

Connection = psycopg.Connection[Row]


@lru_cache(maxsize=512)
def pyformat(sql: str) -> bytes:
    """A statement with :names in the way that psycopg writes them."""
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%")).encode()


class PostgresTransaction:
    """One transaction on this thread's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        cursor = self._connection.execute(pyformat(sql), params)
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        if rows:
            self._connection.cursor().executemany(pyformat(sql), rows)

    def insert(self, sql: str, rows: Sequence[Params]) -> list[int]:
        if not rows:
            return []
        cursor = self._connection.cursor()
        cursor.executemany(pyformat(sql + " RETURNING id"), rows, returning=True)
        ids: list[int] = []
        for result in cursor.results():
            ids.extend(int(row[0]) for row in result.fetchall())
        return ids


class PostgresDatabase:
    """A PostgreSQL 15+ database, named by its URL."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self._shown = without_password(url)
        self._local = threading.local()
        self._all: list[Connection] = []
        self._guard = threading.Lock()

    def read(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        with self._translating():
            cursor = self._connection().execute(pyformat(sql), params)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[PostgresTransaction]:
        with self._translating():
            connection = self._connection()
            with connection.transaction():
                yield PostgresTransaction(connection)

    def write_one(self, sql: str, params: Params) -> list[Row]:
        return self.read(sql, params)

    def contended(self) -> bool:
        return False  # its writers wait for rows, never for one another's turn

    def change_mark(self) -> object:
        # Differs after every transaction that wrote, also one that began early and ended late.
        return self.read("SELECT pg_current_snapshot()::text")[0][0]

    def close(self) -> None:
        with self._guard:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        return connection if connection and _alive(connection) else self._open()

    def _open(self) -> Connection:
        connection = psycopg.connect(self.url, autocommit=True, **_CONNECT)  # type: ignore[arg-type] # a plain dict
        self._local.connection = connection
        with self._guard:
            self._all = [c for c in self._all if not c.closed]
            self._all.append(connection)
        return connection

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (
            psycopg.errors.LockNotAvailable,
            psycopg.errors.DeadlockDetected,
            psycopg.errors.SerializationFailure,
        ):
            raise StoreBusy(f"{self._shown} is held by another program; try again") from None
        except psycopg.errors.DiskFull:
            raise StoreError(f"the disk of {self._shown} is full: nothing was stored") from None
        except psycopg.OperationalError as error:
            raise StoreError(f"can't reach {self._shown}: {_reason(error)}") from None
        except psycopg.Error as error:
            raise StoreError(f"{self._shown}: {_reason(error)}") from None


def _alive(connection: Connection) -> bool:
    """Whether an idle connection is still there: a server that went left its last word in it."""
    if connection.closed:
        return False
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        return True
    readable = select.select([connection.fileno()], [], [], 0)[0]
    if readable:
        connection.close()
    return not readable


def _reason(error: psycopg.Error) -> str:
    """The server's own words without the detail, which may quote what customers wrote."""
    primary: Any = error.diag.message_primary
    if primary:
        return f"{primary} ({error.sqlstate})"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
