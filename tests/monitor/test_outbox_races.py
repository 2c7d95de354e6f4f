"""Two processes at one answer at the same moment: what the one finds must not undo the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest

from monitor.message import SendState, Sent
from monitor.outbox import Outbox
from monitor.store import Store, open_store
from tests.fakes import LEASE, START, FakeClock, message, take_in
from tests.servers.postgres import Postgres

SLEEPER = "elsewhere/1/1"


@pytest.fixture
def url(postgres: Postgres, postgres_template: str) -> str:
    return postgres.new_database(like=postgres_template)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, START)
    yield opened
    opened.close()


@pytest.fixture
def leased(store: Store, clock: FakeClock) -> int:
    """An answer in the hands of a sender elsewhere that slept until its lease was over."""
    take_in(store, [message(1)])
    number = store.outgoing.queue(1, "kim", "an answer", START, seen=None)
    assert store.outgoing.lease(SLEEPER, START, LEASE)
    clock.forward(minutes=10)
    return number


def waits_for_a_lock(url: str) -> int:
    with psycopg.connect(url) as connection:
        sql = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def recover(store: Store, clock: FakeClock) -> None:
    Outbox(store, {}, clock).recover()


def test_what_a_sleeper_hands_over_meanwhile_is_not_queued_again(
    store: Store, url: str, clock: FakeClock, leased: int
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with store.database.write() as tx:
            # What `handing_over` writes, kept open until `recover` has read what was before.
            tx.run("UPDATE outbox SET state = 'handed over', ext_id = '<1@acme.example>'")
            found = pool.submit(recover, store, clock)
            until(lambda: waits_for_a_lock(url) == 1)
        found.result(30)
    assert store.outgoing.entry(leased).state is not SendState.QUEUED


def test_what_a_sleeper_finishes_meanwhile_does_not_stop_the_others(
    store: Store, url: str, clock: FakeClock, leased: int
) -> None:
    assert store.outgoing.handing_over(leased, SLEEPER, "<1@acme.example>")
    with ThreadPoolExecutor(2) as pool:
        with store.database.write() as tx:
            tx.run("SELECT id FROM conversation FOR UPDATE")
            sent: Future[bool] = pool.submit(
                store.outgoing.sent, leased, Sent("<1@acme.example>"), clock()
            )
            until(lambda: waits_for_a_lock(url) == 1)
            found = pool.submit(recover, store, clock)
            until(lambda: waits_for_a_lock(url) == 2)
        sent.result(30)
        found.result(30)
    assert store.outgoing.entry(leased).state is SendState.SENT


def test_an_answer_that_went_back_to_the_queue_meanwhile_is_not_unsure(
    store: Store, url: str, clock: FakeClock, leased: int
) -> None:
    assert store.outgoing.handing_over(leased, SLEEPER, "<1@acme.example>")
    with ThreadPoolExecutor(1) as pool:
        with store.database.write() as tx:
            # What `postpone` writes when the server said "not now" at the very end.
            tx.run("UPDATE outbox SET state = 'queued', lease_owner = NULL, lease_until = NULL")
            found = pool.submit(recover, store, clock)
            until(lambda: waits_for_a_lock(url) == 1)
        found.result(30)
    assert store.outgoing.entry(leased).state is SendState.QUEUED
