"""Accounts: how each is doing and since when, and that one process polls it at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.errors import AuthError, ConfigError, ConnectorError, RateLimited
from monitor.health import Health, Status, Trouble, stale, trouble
from monitor.store import Store, log, open_store
from monitor.store.accounts import PollLease
from monitor.store.lists import View
from tests.fakes import LEASE, START, FakeClock, message, take_in
from tests.monitor.office import lease_poll

BLIND = Trouble(Health.BLIND, "no route", "wait")


def status(store: Store) -> Status:
    (only,) = store.accounts.statuses()
    return only


def fail(store: Store, clock: FakeClock, why: Trouble = BLIND) -> None:
    lease = lease_poll(store, clock())
    assert store.accounts.failed(lease, clock(), clock(), why)


def succeed(store: Store, clock: FakeClock) -> None:
    lease = lease_poll(store, clock())
    assert store.accounts.succeeded(lease, clock(), clock(), {"listed": 3, "new": 3})


def test_an_account_starts_blind_and_says_what_to_do(store: Store) -> None:
    store.accounts.ensure({"support": "email"}, START)
    found = status(store)
    assert (found.state, found.since, found.last_ok) == (Health.BLIND, START, None)
    assert "replyby poll" in found.remedy


def test_making_an_account_twice_changes_nothing(store: Store) -> None:
    store.accounts.ensure({"support": "email"}, START)
    before = store.accounts.ids()
    store.accounts.ensure({"support": "email", "sales": "email"}, START + timedelta(days=1))
    assert store.accounts.ids() | before == store.accounts.ids()
    assert [s.since for s in store.accounts.statuses()] == [START + timedelta(days=1), START]


def test_since_is_when_it_began_not_when_it_was_last_seen(store: Store, clock: FakeClock) -> None:
    fail(store, clock)
    clock.forward(minutes=5)
    fail(store, clock)
    assert status(store).since == START
    assert status(store).last_poll == clock()
    clock.forward(minutes=5)
    succeed(store, clock)
    clock.forward(minutes=5)
    succeed(store, clock)
    assert (status(store).state, status(store).since) == (Health.OK, START + timedelta(minutes=10))
    assert status(store).last_ok == clock()


def test_another_trouble_begins_anew(store: Store, clock: FakeClock) -> None:
    fail(store, clock)
    clock.forward(minutes=5)
    fail(store, clock, Trouble(Health.SIGNED_OUT, "password", "renew it"))
    found = status(store)
    assert (found.state, found.since) == (Health.SIGNED_OUT, clock())
    assert (found.reason, found.remedy) == ("password", "renew it")


def test_a_success_clears_the_trouble_and_keeps_the_ledger(store: Store, clock: FakeClock) -> None:
    fail(store, clock)
    fail(store, clock)
    assert store.accounts.fails(store.accounts.ids()["support"]) == 2
    succeed(store, clock)
    found = status(store)
    assert (found.reason, found.remedy, found.ledger["listed"]) == ("", "", 3)
    assert store.accounts.fails(store.accounts.ids()["support"]) == 0


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AuthError("no"), Health.SIGNED_OUT),
        (RateLimited("slowly"), Health.THROTTLED),
        (ConnectorError("no route"), Health.BLIND),
        (ConfigError("no password"), Health.SIGNED_OUT),
    ],
)
def test_every_error_has_a_state_and_a_remedy(
    error: ConnectorError | ConfigError, state: Health
) -> None:
    found = trouble(error)
    assert found.state is state
    assert found.remedy


def test_an_account_that_nobody_polls_any_more_is_blind(store: Store, clock: FakeClock) -> None:
    succeed(store, clock)
    every = timedelta(minutes=1)
    assert stale(status(store), every, clock.forward(minutes=5)).state is Health.OK
    silent = stale(status(store), every, clock.forward(seconds=1))
    assert (silent.state, silent.since) == (Health.BLIND, START)
    assert "not polled for" in silent.reason


def leased(store: Store, owner: str, now: FakeClock, dead: str | None = None) -> PollLease | None:
    return store.accounts.lease(store.accounts.ids()["support"], owner, now(), LEASE, dead)


def test_a_poll_is_leased_to_one_until_it_lapses(store: Store, clock: FakeClock) -> None:
    lease_poll(store, clock(), "first")
    clock.forward(seconds=60)
    assert leased(store, "second", clock) is None
    clock.forward(microseconds=1)
    assert leased(store, "second", clock) is not None


def test_a_dead_holder_is_replaced_at_once(store: Store, clock: FakeClock) -> None:
    lease_poll(store, clock(), "first")
    assert leased(store, "second", clock, dead="somebody else") is None
    assert leased(store, "second", clock, dead="first") is not None


def test_a_poll_that_is_over_frees_its_lease(store: Store, clock: FakeClock) -> None:
    succeed(store, clock)
    assert leased(store, "second", clock) is not None


def test_of_many_at_once_one_gets_the_lease(store: Store, clock: FakeClock) -> None:
    store.accounts.ensure({"support": "email"}, START)
    with ThreadPoolExecutor(6) as pollers:
        leases = list(pollers.map(lambda who: leased(store, who, clock), "abcdef"))
    assert len([lease for lease in leases if lease]) == 1


def test_who_lost_the_lease_changes_no_health(store: Store, clock: FakeClock) -> None:
    old = lease_poll(store, clock(), "slow")
    lease_poll(store, clock.forward(minutes=2), "next")
    before = status(store)
    assert not store.accounts.failed(old, clock(), clock(), BLIND)
    assert not store.accounts.succeeded(old, clock(), clock(), {})
    assert status(store) == before
    assert leased(store, "third", clock) is None


def test_due_are_those_whose_time_has_come_and_that_nobody_polls(
    store: Store, clock: FakeClock
) -> None:
    store.accounts.ensure({"support": "email", "sales": "email"}, START)
    assert sorted(store.accounts.due(clock())) == ["sales", "support"]
    lease = lease_poll(store, clock())
    assert store.accounts.due(clock()) == ["sales"]
    store.accounts.succeeded(lease, clock(), clock() + timedelta(minutes=1), {})
    assert store.accounts.due(clock.forward(seconds=59)) == ["sales"]
    assert sorted(store.accounts.due(clock.forward(seconds=1))) == ["sales", "support"]


@pytest.mark.parametrize("change", ["health", "event"])
def test_the_change_mark_differs_after_any_change(
    store_url: str, store: Store, clock: FakeClock, change: str
) -> None:
    fail(store, clock)
    other = other_store(store_url)
    before = store.database.change_mark()
    assert store.database.change_mark() == before
    if change == "health":
        succeed(other, clock)
    else:
        take_in(other, [message(1)])
    other.close()
    assert store.database.change_mark() != before


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_change_mark_differs_when_an_earlier_change_is_committed_late(
    store_url: str, store: Store
) -> None:
    take_in(store, [message(1), message(2)])
    other = other_store(store_url)
    first, second = (c.id for c in store.lists.page(View()))
    with other.database.write() as late:
        log.change(late, first, 0, "ann", "noted", {})
        with store.database.write() as early:
            log.change(early, second, 0, "bob", "noted", {})
        mark = store.database.change_mark()
    other.close()
    assert store.database.change_mark() != mark


def other_store(url: str) -> Store:
    return open_store(url, START)
