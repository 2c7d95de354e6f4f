"""What goes wrong with a database: said in a sentence, with nothing of the customers' in it."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest

from monitor.desk import Desk
from monitor.errors import ConfigError, StoreBusy, StoreError
from monitor.store import Store, open_store
from monitor.store.lists import View
from tests.conftest import without
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import EVERYTHING, count, raw_sql
from tests.servers.need import Missing
from tests.servers.postgres import Postgres
from tests.servers.process import free_port

SECRET = "my card is 4929 1234"


def told(error: BaseException) -> str:
    """Everything that a log would show of an error."""
    return "".join(traceback.format_exception(error))


FAULTS = (
    "INSERT INTO account (name, channel) VALUES (:secret, NULL)",
    "INSERT INTO account (name, channel, clock) VALUES (:secret, :secret, :nothing)",
    "INSERT INTO conversation (account_id, subject, state) VALUES (999, :secret, 3)",
    "INSERT INTO nowhere VALUES (:secret)",
    "UPDATE conversation SET state = 9, subject = :secret",
    "INSERT INTO message (conversation_id, account_id, ext_id, direction, at, found_at, body)"
    " SELECT conversation_id, account_id, ext_id, 0, 0, 0, :secret FROM message",
    "INSERT INTO account (name, channel) VALUES (:secret, 'x'), (:secret, 'x')",
)


@pytest.mark.parametrize("sql", FAULTS)
def test_no_error_quotes_what_was_to_be_stored(store: Store, sql: str) -> None:
    take_in(store, [message(1, subject=SECRET, ext_id=SECRET)])
    with pytest.raises(StoreError) as failed, store.database.write() as tx:
        tx.run(sql, {"secret": SECRET, "nothing": None})
    assert SECRET not in told(failed.value)
    assert "4929" not in str(failed.value)


def test_after_an_error_the_store_goes_on(store: Store) -> None:
    with pytest.raises(StoreError):
        raw_sql(store, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(StoreError):
        store.database.read("SELECT * FROM nowhere")
    take_in(store, [message(1)])
    assert len(store.lists.page(View())) == 1


def change_then_fail(store: Store) -> None:
    with store.database.write() as tx:
        tx.run("UPDATE conversation SET subject = 'changed'")
        raise ZeroDivisionError


def test_an_exception_of_the_callers_takes_everything_back(store: Store) -> None:
    take_in(store, [message(1)])
    with pytest.raises(ZeroDivisionError):
        change_then_fail(store)
    assert store.lists.page(EVERYTHING)[0].subject == "subject 1"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_and_nothing_is_stored(store: Store) -> None:
    take_in(store, [message(1)])
    pages = store.database.read("PRAGMA page_count")[0][0]
    store.database.read(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match=r"disk of .* is full: nothing was stored; make room"):
        take_in(store, [message(2, text="word " * 200_000)])
    assert count(store, "message") == 1
    store.database.read("PRAGMA max_page_count=1000000")
    store.database.read("SELECT 1")
    raw_sql(store, "UPDATE poll SET lease_until = 0")
    take_in(store, [message(2, text="word " * 200_000)])
    assert count(store, "message") == 2


@contextmanager
def held_on_sqlite(url: str) -> Iterator[None]:
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextmanager
def held_on_postgres(url: str) -> Iterator[None]:
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE message IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def held(url: str) -> AbstractContextManager[None]:
    """Another program has the database for itself."""
    return held_on_sqlite(url) if url.startswith("sqlite") else held_on_postgres(url)


def test_a_database_that_another_program_holds_is_busy(store: Store, store_url: str) -> None:
    take_in(store, [message(1)])
    number = store.lists.page(View())[0].id
    desk = Desk(store, FakeClock(), {})
    impatient = {"sqlite": "PRAGMA busy_timeout=50", "postgresql": "SET lock_timeout='50ms'"}
    store.database.read(impatient[store.database.dialect])
    with held(store_url), pytest.raises(StoreBusy, match="held by another program; try again"):
        desk.note(number, "ann", "hello")
    desk.note(number, "ann", "hello")
    assert count(store, "message") == 2


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff" * 2000)
    with pytest.raises(StoreError, match="damaged or no replyby database"):
        open_store(f"sqlite:///{path}", START)
    assert path.read_bytes() == b"\xff\xd8\xff" * 2000


@pytest.mark.parametrize("path", ["missing/replyby.db", ".", "file/replyby.db"])
def test_a_place_where_no_database_can_be_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't open the database") as failed:
        open_store(f"sqlite:///{tmp_path / path}", START)
    assert str(tmp_path) in str(failed.value)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ConfigError, match="starts with sqlite:/// or postgresql://"):
        open_store("mysql://u:secret@host/db", START)


@pytest.mark.parametrize(
    "credentials",
    [
        "u:hunter2@{}/db",
        "u@{}/db?password=hunter2",
    ],
)
def test_a_server_that_is_not_there_is_named_without_the_password(credentials: str) -> None:
    nowhere = f"postgresql://{credentials.format(f'127.0.0.1:{free_port()}')}"
    with pytest.raises(StoreError, match="can't reach postgresql://u") as failed:
        open_store(nowhere, START)
    assert "hunter2" not in told(failed.value)
    assert "\n" not in str(failed.value)


@pytest.fixture(scope="module")
def outage() -> Iterator[Postgres]:
    """A server of its own, that may be killed."""
    try:
        server = Postgres()
    except Missing as missing:
        without(missing)
    with server:
        yield server


@pytest.fixture
def shaky(outage: Postgres) -> Iterator[Store]:
    store = open_store(outage.new_database(), START)
    take_in(store, [message(1)])
    yield store
    store.close()


CALLS: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.lists.page(View()),
    "write": lambda store: Desk(store, FakeClock(), {}).claim_next("ann"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_server_that_is_down_is_said_and_the_next_call_finds_it_again(
    shaky: Store, outage: Postgres, call: Callable[[Store], object]
) -> None:
    outage.kill()
    for _ in range(2):
        with pytest.raises(StoreError, match="can't reach"):
            call(shaky)
    outage.start()
    assert call(shaky)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_an_outage_while_nobody_asked_goes_unnoticed(
    shaky: Store, outage: Postgres, call: Callable[[Store], object]
) -> None:
    outage.kill()
    outage.start()
    assert call(shaky)
