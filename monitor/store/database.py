"""What the store asks of a database: statements with :names, short transactions, a change mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = tuple[Any, ...]
Params = Mapping[str, Any]
NO_PARAMS: Params = {}


class Transaction(Protocol):
    """One short write transaction: all of it is stored, or nothing."""

    def run(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        """Run one statement; its rows where it returns any."""

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        """Run one statement for every row."""

    def insert(self, sql: str, rows: Sequence[Params]) -> list[int]:
        """Insert every row with one statement (ending without RETURNING); the new ids in order."""


class Database(Protocol):
    """A SQLite file or a PostgreSQL database; every error leaves it as a StoreError."""

    dialect: str
    url: str

    def read(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        """All rows of a statement, outside any transaction."""

    def write(self, *, durable: bool = False) -> AbstractContextManager[Transaction]:
        """A write transaction; `durable` survives a power cut too, at the price of a sync."""

    def write_one(self, sql: str, params: Params) -> list[Row]:
        """One statement that is a transaction by itself."""

    def contended(self) -> bool:
        """Whether somebody waits to write just now."""

    def change_mark(self) -> object:
        """Differs from the last call's value once another connection has changed something."""

    def close(self) -> None:
        """Close this thread's connections, and all others that are still open."""


_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^@/]*@")
_PARAMETERS = re.compile(r"\?.*")


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return _PARAMETERS.sub("", _PASSWORD.sub(r"\1:***@", url))


def in_list(column: str, name: str, values: Iterable[Any]) -> tuple[str, dict[str, Any]]:
    """`column IN (:name0, …)` and its parameters; false where there is no value."""
    params = {f"{name}{number}": value for number, value in enumerate(values)}
    marks = ", ".join(f":{key}" for key in params)
    return (f"{column} IN ({marks})", params) if params else ("1 = 0", {})


def for_update(database: Database) -> str:
    """The end of a SELECT that a change follows: SQLite's writer is alone anyway."""
    return "" if database.dialect == "sqlite" else " FOR UPDATE"
