"""Intake and the outbox in a large database: no statement of theirs reads a whole table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from monitor.message import DeliveryReport, Party
from monitor.store import Store, open_store
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import Office, raw_sql
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.slow

ROWS = 40_000
TABLES = ("conversation", "message", "thread_key", "outbox", "verdict", "door", "raw")
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < {most})",
    "postgresql": "WITH n AS (SELECT generate_series(1000, {most}) AS i)",
}
_FILL = (
    "INSERT INTO conversation (id, account_id, customer_address, state)"
    " {n} SELECT i, 1, 'c' || i || '@old.test', 3 FROM n",
    "INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_address,"
    " recipients, at, found_at, reference)"
    " {n} SELECT i, i, 1, 'm' || i, i % 2, 'c' || i || '@old.test', 'c' || i || '@old.test', i, i,"
    " 'm' || i FROM n",
    "INSERT INTO thread_key (account_id, key, conversation_id) {n} SELECT 1, 'm' || i, i FROM n",
    "INSERT INTO outbox (key, conversation_id, account_id, author, body, to_address, state,"
    " queued_at, next_try, ext_id) {n} SELECT 'k' || i, i, 1, 'ann', 'x', 'c' || i || '@old.test',"
    " 'sent', i, i, 'm' || i FROM n",
    "INSERT INTO verdict (conversation_id, account_id, awaiting_since, reply_by, window_us,"
    " ended_at, waited_us, waited_in_hours_us, outcome, who, through, in_time)"
    " {n} SELECT i, 1, i, i, 1, i, 1, 1, 'answered', 'ann', 'email', 1 FROM n",
    "INSERT INTO door (account_id, ext_id, message_id, at) {n} SELECT 2, 'm' || i, i, i FROM n",
    "INSERT INTO raw (message_id, source) {n} SELECT i, '' FROM n",
)


def filled(store: Store) -> None:
    """Forty thousand old conversations, each with a message, a key, an answer and a verdict."""
    store.accounts.ensure({"support": "email", "sales": "email"}, START)
    numbers = _NUMBERS[store.database.dialect].format(most=1000 + ROWS)
    for statement in _FILL:
        raw_sql(store, statement.format(n=numbers))


def a_day(store: Store, clock: FakeClock) -> None:
    """Questions, doors, reports with and without ids, an answer of ours and one from outside."""
    office = Office(store, clock)
    office.receive(*(message(n, keys=(f"<{n}@x>", f"m{2000 + n}")) for n in range(20)))
    take_in(store, [message(n) for n in range(20)], START, "sales")
    there = office.desk.page()
    office.desk.reply(there[0].id, "ann", "an answer", seen=None)
    office.outbox.deliver()
    about = (DeliveryReport(True, ("m2001",)), DeliveryReport(True, (), ("C2003@old.test",)))
    office.receive(
        *(message(50 + n, automatic="a bounce", report=r) for n, r in enumerate(about)),
        message(
            60, outgoing=True, author=Party("bea@desk.test"), to=("customer1@customer.test",),
            keys=("<60@desk>", "<1@x>"),
        ),
    )  # fmt: skip
    with store.database.write() as tx:
        store.outgoing.found(tx, there[0].id, "m2001", START)


@pytest.fixture
def traced(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[str]]:
    """The URL of a database, and every statement that connections opened from now on run."""
    said: list[str] = []
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def tracing(*args: object, **named: object) -> sqlite3.Connection:
        connection = connect(*args, **named)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", tracing)
    return f"sqlite:///{tmp_path_factory.mktemp('large')}/replyby.db", said


def scans(url: str, statements: set[str]) -> list[str]:
    """Statements that read a whole table, with what SQLite says of it."""
    found = []
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for statement in sorted(statements):
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
            words = step.split()
            # The partial indexes of what waits hold little, however large the tables are.
            waits = "INDEX ix_queue" in step or "INDEX ix_outbox_due" in step
            if words[0] == "SCAN" and words[1] in {*TABLES, "m", "v"} and not waits:
                found.append(f"{step}: {statement[:300]}")
    connection.close()
    return found


@pytest.mark.parametrize("analyzed", [False, True])
def test_sqlite_reads_no_table_as_a_whole(
    traced: tuple[str, list[str]], clock: FakeClock, analyzed: bool
) -> None:
    url, said = traced
    store = open_store(url, START)
    filled(store)
    if analyzed:
        raw_sql(store, "ANALYZE")
    said.clear()
    a_day(store, clock)
    store.close()
    ours = {s for s in said if s.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))}
    assert len(ours) > 50
    assert scans(url, ours) == []


def seq_scans(url: str) -> dict[str, int]:
    """How often each table was read as a whole, ever."""
    import psycopg

    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT relname, seq_scan FROM pg_stat_user_tables").fetchall()
    return {name: count for name, count in rows if name in TABLES}


def test_postgresql_reads_no_table_as_a_whole(
    postgres: Postgres, postgres_template: str, clock: FakeClock
) -> None:
    url = postgres.new_database(like=postgres_template)
    store = open_store(url, START)
    filled(store)
    raw_sql(store, "ANALYZE")
    store.close()  # a session's numbers are counted when it ends
    before = seq_scans(url)
    store = open_store(url, START)
    a_day(store, clock)
    store.close()
    after = seq_scans(url)
    assert {t: after[t] - before[t] for t in TABLES} == dict.fromkeys(TABLES, 0)
