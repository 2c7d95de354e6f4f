"""The schema: made once, brought up to date from every step with its data, never half."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

import monitor.migrations.versions
from monitor import tables
from monitor.errors import SchemaTooNew, StoreError
from monitor.message import State
from monitor.migrations import HEAD
from monitor.store import Store, open_store
from monitor.store.database import Database
from monitor.store.lists import View
from monitor.store.schema import bring_up_to_date, engine, open_database
from tests.fakes import START, FakeClock, found, message, take_in
from tests.monitor.office import EVERYTHING, Office, count

_VERSIONS = Path(monitor.migrations.versions.__path__[0])
STEPS = sorted(path.name[:4] for path in _VERSIONS.glob("[0-9]*.py"))
TABLES = set(SQLModel.metadata.tables)

# A row or two in every table, as the first step knew them.
OLD_DATA = """
INSERT INTO account (id, name, channel) VALUES (1, 'support', 'email');
INSERT INTO poll (account_id, cursor, fence, state) VALUES (1, 'uid:7', 3, 'ok');
INSERT INTO conversation (id, account_id, customer_address, subject, state, awaiting_since,
  window_us, reply_by) VALUES (1, 1, 'jo@customer.test', 'old parcel', 0, 1000, 5, 1005);
INSERT INTO conversation (id, account_id, subject, state) VALUES (2, 1, 'older', 3);
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_address, at,
  found_at, subject, body, reference, window_us, reply_by)
  VALUES (1, 1, 1, '<1@old>', 0, 'jo@customer.test', 1000, 1001, 'old parcel', 'where is it',
  '<1@old>', 5, 1005);
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, at, found_at, body)
  VALUES (2, 2, 1, '<2@old>', 0, 900, 901, 'a venerable message');
INSERT INTO thread_key (account_id, key, conversation_id) VALUES (1, '<1@old>', 1);
INSERT INTO outbox (id, key, conversation_id, account_id, author, body, state, queued_at, next_try)
  VALUES (1, 'k', 2, 1, 'ann', 'sorry', 'sent', 950, 950);
INSERT INTO draft (conversation_id, person, body, updated_at) VALUES (1, 'ann', 'dear jo', 1002);
INSERT INTO verdict (id, conversation_id, account_id, awaiting_since, reply_by, window_us, ended_at,
  waited_us, waited_in_hours_us, outcome, who, through, in_time)
  VALUES (1, 2, 1, 900, 905, 5, 950, 50, 50, 'answered', 'ann', 'email', 0);
INSERT INTO event (id, conversation_id, at, who, kind, changes) VALUES (1, 1, 1001, 'intake',
  'received', '{"subject":"old parcel"}');
"""


def made_at(url: str, step: str) -> Database:
    """A database as a replyby of that step left it, with data in every table."""
    database = open_database(url)
    bring_up_to_date(database, START, lambda text: None, to=step)
    with database.write() as tx:
        for statement in OLD_DATA.split(";\n"):
            if statement.strip():
                tx.run(statement)
        tx.run("INSERT INTO raw (message_id, source) VALUES (1, :raw)", {"raw": b"raw"})
        if database.dialect == "sqlite" and step >= "0002":
            # From 0003 on it is the program that makes searchable what it takes in.
            tx.run("INSERT INTO message_search(message_search) VALUES ('rebuild')")
        if database.dialect == "postgresql":
            for table in ("conversation", "message", "outbox", "verdict", "event"):
                tx.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 10)")
    return database


@pytest.fixture
def old(new_url: Callable[[], str]) -> str:
    """The URL of a database of the first step, full of data."""
    url = new_url()
    made_at(url, STEPS[0]).close()
    return url


def revision(store: Store) -> str:
    return str(store.database.read("SELECT version_num FROM alembic_version")[0][0])


def test_head_is_the_newest_step() -> None:
    assert STEPS[-1] == HEAD


def test_a_new_database_is_made_and_works(new_url: Callable[[], str]) -> None:
    store = open_store(new_url(), START)
    take_in(store, [message(1)])
    assert revision(store) == HEAD
    assert len(store.lists.page(View())) == 1
    store.close()


def test_an_open_database_is_opened_again_with_its_data(new_url: Callable[[], str]) -> None:
    url, said = new_url(), list[str]()
    first = open_store(url, START)
    take_in(first, [message(1)])
    first.close()
    second = open_store(url, START, say=said.append)
    assert count(second, "message") == 1
    assert said == []
    second.close()


@pytest.mark.parametrize("step", STEPS[:-1])
def test_data_of_every_step_is_there_and_searched_afterwards(
    new_url: Callable[[], str], step: str
) -> None:
    url = new_url()
    made_at(url, step).close()
    store = open_store(url, START)
    assert revision(store) == HEAD
    assert [c.subject for c in found(store, "venerable")] == ["older"]
    assert [c.subject for c in found(store, "parcel")] == ["old parcel"]
    assert [len(store.archive.verdicts(2)), len(store.archive.events(1))] == [1, 1]
    assert store.accounts.ids() == {"support": 1}
    assert store.lists.raw(1) == b"raw"
    store.close()


def test_work_goes_on_in_a_database_of_the_first_step(old: str) -> None:
    store = open_store(old, START)
    office = Office(store, FakeClock())
    assert office.desk.open(1, "ann").draft is not None
    answer = office.desk.reply(1, "ann", "here it is", seen=None)
    office.receive(message(1))
    office.outbox.deliver()
    assert office.desk.find(1).state is State.ANSWERED
    assert office.desk.answer(answer).tries == 1
    assert len(found(store, "here it is")) == 1
    store.close()


@dataclass
class Beside:
    """The files beside a SQLite database."""

    folder: Path

    @property
    def copies(self) -> list[Path]:
        return sorted(self.folder.glob("*.before-*"))


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    return Beside(tmp_path)


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_whole_copy_is_made_before_anything_is_changed(old: str, beside: Beside) -> None:
    said: list[str] = []
    mask = os.umask(0)
    try:
        open_store(old, START, say=said.append).close()
    finally:
        os.umask(mask)
    (copy,) = beside.copies
    assert str(copy) in said[0]
    assert copy.stat().st_mode & 0o777 == 0o600
    kept = sqlite3.connect(copy)
    assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(STEPS[0],)]
    assert kept.execute("SELECT body FROM message ORDER BY id").fetchall()[1] == (
        "a venerable message",
    )
    kept.close()


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_new_database_needs_no_copy(new_url: Callable[[], str], beside: Beside) -> None:
    open_store(new_url(), START).close()
    assert beside.copies == []


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_copy_leaves_no_file_open(old: str, beside: Beside) -> None:
    open_store(old, START).close()
    links = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert not set(links) & {str(path) for path in beside.copies}


def test_a_newer_schema_is_refused_in_one_sentence(new_url: Callable[[], str]) -> None:
    url = new_url()
    store = open_store(url, START)
    with store.database.write() as tx:
        tx.run("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(SchemaTooNew) as refused:
        open_store(url, START)
    assert "newer replyby (schema 9999); upgrade this one" in str(refused.value)
    assert "\n" not in str(refused.value)


def there(database: Database) -> set[str]:
    """The tables that a database has."""
    if database.dialect == "sqlite":
        rows = database.read("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        rows = database.read("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row[0] for row in rows}


def test_making_it_halfway_leaves_no_trace(new_url: Callable[[], str]) -> None:
    database = open_database(new_url())
    with database.write() as tx:
        tx.run("CREATE TABLE verdict (in_the_way INTEGER)")
    with pytest.raises(StoreError, match="nothing was changed") as failed:
        bring_up_to_date(database, START, lambda text: None)
    assert "\n" not in str(failed.value)
    assert there(database) - {"verdict"} == set()
    database.close()


def test_a_step_that_fails_halfway_leaves_no_trace(old: str) -> None:
    database = open_database(old)
    with database.write() as tx:
        # The last thing that the second step makes.
        tx.run(
            "CREATE TRIGGER message_searchable AFTER INSERT ON message BEGIN SELECT 1; END"
            if database.dialect == "sqlite"
            else "CREATE INDEX ix_message_search ON message (at)"
        )
    before = there(database)
    with pytest.raises(StoreError, match="nothing was changed"):
        bring_up_to_date(database, START, lambda text: None)
    assert there(database) == before
    assert database.read("SELECT version_num FROM alembic_version") == [(STEPS[0],)]
    with database.write() as tx:
        tx.run(
            "DROP TRIGGER message_searchable"
            if database.dialect == "sqlite"
            else "DROP INDEX ix_message_search"
        )
    bring_up_to_date(database, START + timedelta(minutes=1), lambda text: None)
    assert database.read("SELECT version_num FROM alembic_version") == [(HEAD,)]
    database.close()


_STARTS = """
import sys
import alembic.command
from monitor.store import open_store
from tests.fakes import START
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1], START)
store.accounts.ensure({"support": "email"}, START)
print(len(store.accounts.ids()))
store.close()
"""


def start_together(url: str, number: int) -> list[str]:
    """What that many processes say that open a database in the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _STARTS, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(number)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=120)[0].strip() for process in processes]


@pytest.mark.slow
def test_eight_that_start_at_once_on_an_empty_database_all_work(
    new_url: Callable[[], str],
) -> None:
    assert start_together(new_url(), 8) == ["1"] * 8


@pytest.mark.slow
@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_of_several_that_start_at_once_on_an_old_database_one_makes_the_copy(
    old: str, beside: Beside
) -> None:
    assert start_together(old, 4) == ["1"] * 4
    assert len(beside.copies) == 1


def is_ours(thing: Any, name: str | None, kind: str, *rest: Any) -> bool:
    """Whether SQLModel's definition has to know it: search is for the database alone."""
    search = {"search", "ix_message_search", "alembic_version"}
    return name not in search and not (name or "").startswith("message_search")


# Alembic can't read SQLite's indexes on expressions back; PostgreSQL's are compared.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_steps_lead_to_what_sqlmodel_defines(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert len(TABLES) == 14
    assert tables.EventRow.__tablename__ in TABLES
    with engine(store.database).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        found = compare_metadata(context, SQLModel.metadata)
    assert [d for d in found if not is_a_row_id(d, store.database.dialect)] == []


def is_a_row_id(difference: Any, dialect: str) -> bool:
    """SQLite numbers rows by itself only where the column is called INTEGER, which is 64 bits."""
    if dialect != "sqlite" or not isinstance(difference, list):
        return False
    return all(d[0] in ("modify_type", "modify_nullable") and d[3] == "id" for d in difference)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_indexes_are_written_alike_in_both_places(store: Store, tmp_path: Path) -> None:
    plain = open_database(f"sqlite:///{tmp_path}/defined.db")
    plain.read("SELECT 1")
    with engine(plain).connect() as connection:
        SQLModel.metadata.create_all(connection)
    assert index_definitions(plain) == index_definitions(store.database)
    plain.close()


def index_definitions(database: Database) -> set[str]:
    rows = database.read("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return {re.sub(r"[\s\"]+", "", row[0]) for row in rows}


@pytest.mark.parametrize("change", ["UPDATE event SET who = 'nobody'", "DELETE FROM event"])
def test_the_log_can_only_grow(store: Store, change: str) -> None:
    take_in(store, [message(1)])
    with pytest.raises(StoreError, match="append-only"), store.database.write() as tx:
        tx.run(change)
    (first,) = store.archive.events(store.lists.page(EVERYTHING)[0].id)
    assert first.who == "intake"


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_log_cannot_be_emptied_at_once(store: Store) -> None:
    take_in(store, [message(1)])
    with pytest.raises(StoreError, match="append-only"), store.database.write() as tx:
        tx.run("TRUNCATE event")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE conversation SET state = 7",
        "UPDATE conversation SET reply_by = NULL",
        "UPDATE conversation SET state = 3",
        "UPDATE message SET conversation_id = 999",
    ],
)
def test_the_schema_refuses_what_makes_no_sense(store: Store, change: str) -> None:
    take_in(store, [message(1)])
    with pytest.raises(StoreError), store.database.write() as tx:
        tx.run(change)
