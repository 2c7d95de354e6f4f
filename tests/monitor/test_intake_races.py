"""Intake beside people and senders on PostgreSQL: nobody waits for somebody who waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from monitor.errors import StoreBusy
from monitor.message import IncomingMessage, Party, Sent
from monitor.store import Store, open_store
from tests.fakes import LEASE, START, FakeClock, message
from tests.monitor.office import Office
from tests.servers.postgres import Postgres


@pytest.fixture
def url(postgres: Postgres, postgres_template: str) -> str:
    return postgres.new_database(like=postgres_template)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, START)
    yield opened
    opened.close()


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def outside() -> IncomingMessage:
    """Bea's answer to customer 1, with another program."""
    return message(
        90, ext_id="bea", author=Party("bea@desk.test", "Bea"), outgoing=True,
        to=("customer1@customer.test",), keys=("<bea@desk.test>", "<1@customer.test>"),
    )  # fmt: skip


@contextmanager
def held_up(url: str) -> Iterator[None]:
    """Whoever stores Bea's answer waits until the end of this."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "WITH c AS (INSERT INTO conversation (account_id, state) VALUES (1, 3) RETURNING id)"
            " INSERT INTO message (conversation_id, account_id, ext_id, direction, at, found_at)"
            " SELECT id, 1, 'bea', 1, 0, 0 FROM c"
        )
        yield
        connection.rollback()


def until_waiting(url: str, how_many: int) -> None:
    """Wait until so many wait for a lock."""
    sql = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 30
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(sql).fetchone() != (how_many,):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def beside_the_intake(office: Office, url: str, act: Callable[[], object]) -> list[Future[object]]:
    """Let Bea's answer be stored, and `act` begin after the conversation was locked for it."""
    with ThreadPoolExecutor(2) as pool, held_up(url):
        intake: Future[object] = pool.submit(office.receive, outside())
        until_waiting(url, 1)
        acting = pool.submit(act)
        until_waiting(url, 2)
    return [intake, acting]


def test_taking_back_does_not_lock_with_a_colleagues_answer(office: Office, url: str) -> None:
    office.one_queued()
    done = beside_the_intake(office, url, lambda: office.desk.undo(1, "ann"))
    assert not [f for f in done if isinstance(f.exception(), StoreBusy)]


def test_the_word_that_it_was_sent_does_not_lock_with_a_colleagues_answer(
    office: Office, url: str
) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease("me", START, LEASE)
    assert office.store.outgoing.handing_over(answer, "me", "<k@desk.test>")
    sent = Sent("<k@desk.test>")
    done = beside_the_intake(office, url, lambda: office.store.outgoing.sent(answer, sent, START))
    assert not [f for f in done if f.exception()]
    assert not list(office.store.archive.differences())


@pytest.mark.parametrize("act", ["claim", "snooze", "close", "note"])
def test_who_works_meanwhile_comes_next(office: Office, url: str, act: str) -> None:
    office.receive(message(1))
    acts: dict[str, Callable[[], object]] = {
        "claim": lambda: office.store.claims.take(1, "ann", START),
        "snooze": lambda: office.desk.snooze(1, "ann", START + LEASE),
        "close": lambda: office.desk.close(1, "ann"),
        "note": lambda: office.desk.note(1, "ann", "hm"),
    }
    done = beside_the_intake(office, url, acts[act])
    assert not [f for f in done if isinstance(f.exception(), StoreBusy)]
    assert not list(office.store.archive.differences())
