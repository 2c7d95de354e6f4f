"""Opening a database: made where it is missing, brought up to date once, refused when too new."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ConfigError, SchemaTooNew, StoreError
from monitor.migrations import HEAD
from monitor.store.database import Database, without_password

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_ADVISORY_LOCK = 7_236_451_019
Say = Callable[[str], None]


def open_database(url: str) -> Database:
    """The database that a URL names: sqlite:///PATH or postgresql://user@host/name."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from monitor.store.sqlite import SqliteDatabase

        return SqliteDatabase(url)
    if scheme in ("postgresql", "postgres"):
        from monitor.store.postgres import PostgresDatabase

        return PostgresDatabase(url)
    raise ConfigError(
        "key 'database' in [desk] starts with sqlite:/// or postgresql://, "
        f"not with '{scheme[:20]}:'"
    )


def bring_up_to_date(database: Database, now: datetime, say: Say, *, to: str = HEAD) -> None:
    """Migrate to `to` where the schema is older; a program that starts at the same time waits.

    One SELECT where nothing is to do. SchemaTooNew where a newer replyby wrote the database.
    """
    if _revision(database) != to:
        _migrate(database, now, say, to)


def engine(database: Database) -> Engine:
    """An SQLAlchemy engine on the same database, for what is asked seldom."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    if database.dialect == "sqlite":
        from monitor.store.sqlite import connect

        path = Path(database.url.removeprefix("sqlite:///"))
        return create_engine(
            "sqlite://", creator=lambda: connect(path), poolclass=NullPool, hide_parameters=True
        )
    url = database.url.replace("postgres://", "postgresql://", 1)
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def _revision(database: Database) -> str:
    """The step that the database is at, "" where it is new."""
    try:
        rows = database.read("SELECT version_num FROM alembic_version")
    except StoreError as error:
        if "alembic_version" in str(error):
            return ""
        raise
    return str(rows[0][0]) if rows else ""


def _migrate(database: Database, now: datetime, say: Say, to: str) -> None:
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory
    from sqlalchemy.exc import SQLAlchemyError

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    steps = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    at = _revision(database)
    if at and at not in steps:
        raise SchemaTooNew(
            f"{without_password(database.url)} was written by a newer replyby (schema {at}); "
            "upgrade this one"
        )
    try:
        with _alone(database) as connection:
            _upgrade(database, connection, config, now, say, to)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        reason = str(cause).splitlines()[0]
        raise StoreError(
            f"bringing {without_password(database.url)} up to date failed, nothing was changed: "
            f"{reason}"
        ) from None


def _upgrade(
    database: Database, connection: Connection, config: object, now: datetime, say: Say, to: str
) -> None:
    from alembic import command
    from alembic.config import Config as AlembicConfig
    from alembic.runtime.migration import MigrationContext

    assert isinstance(config, AlembicConfig)
    at = MigrationContext.configure(connection).get_current_revision() or ""
    if at == to:
        return  # somebody else did it while this program waited
    if at and database.dialect == "sqlite":
        say(f"bringing the database up to date; a copy of it is in {_copy(database, at, now)}")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _copy(database: Database, at: str, now: datetime) -> Path:
    """A copy beside the file, made by SQLite itself, so that it is whole."""
    from monitor.store.sqlite import connect, private_file

    path = Path(database.url.removeprefix("sqlite:///"))
    copy = path.with_name(f"{path.name}.before-{HEAD}-{at}-{now:%Y%m%dT%H%M%S%f}")
    source = connect(path)
    try:
        os.close(private_file(copy))
        source.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise StoreError(f"can't copy {path} before changing it: {error}") from None
    finally:
        source.close()
    return copy


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection in one transaction that no other migration can enter."""
    with engine(database).connect() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout=60000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        try:
            yield connection
        except BaseException:
            _end(database, connection, "ROLLBACK")
            raise
        _end(database, connection, "COMMIT")


def _end(database: Database, connection: Connection, word: str) -> None:
    if database.dialect == "sqlite":
        connection.exec_driver_sql(word)
    elif word == "COMMIT":
        connection.commit()
    else:
        connection.rollback()
