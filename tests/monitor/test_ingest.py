"""Storing what came in: once, whole, in any order, whatever it says."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from monitor.decision import Decision, Known, Outcome
from monitor.errors import StoreBusy, StoreError
from monitor.intake import decide
from monitor.message import IncomingMessage, Party, State
from monitor.store import Store
from monitor.store.lists import View
from tests.fakes import LEASE, START, FakeClock, found, message, policy, take_in
from tests.monitor.office import EVERYTHING, Office, count, lease_poll

STORED = ("conversation", "message", "raw", "thread_key", "event")
HOSTILE = (
    "'; DROP TABLE message; --",
    ":name %s %(name)s ? $1 {x} \\x00 \\",
    "nul \x00 and a lone \ud83d surrogate",
    "\u202egnp.exe\u2066 \x1b[2J\x1b]0;owned\x07 \U000e0041",
    '"NEAR(a b)" OR * AND NOT ^col:',
)


def sizes(store: Store) -> dict[str, int]:
    return {table: count(store, table) for table in STORED}


def cursor(store: Store) -> object:
    return store.database.read("SELECT cursor FROM poll")[0][0]


def test_a_replay_stores_nothing_twice(store: Store) -> None:
    batch = [message(n) for n in range(20)]
    take_in(store, batch)
    before = sizes(store)
    again = take_in(store, batch)
    assert {d.outcome for d in again} == {Outcome.KNOWN}
    assert sizes(store) == before
    assert before["message"] == before["conversation"] == before["raw"] == 20


def test_a_message_twice_in_a_batch_is_stored_once(store: Store) -> None:
    decisions = take_in(store, [message(1), message(1)])
    assert [d.outcome for d in decisions] == [Outcome.NEW, Outcome.KNOWN]
    assert count(store, "message") == 1


def test_a_replay_opens_nothing_that_was_ended(store: Store, clock: FakeClock) -> None:
    office = Office(store, clock)
    office.receive(message(1))
    office.desk.close(office.conversation().id, "ann")
    office.receive(message(1))
    assert office.conversation().state is State.CLOSED


def unstorable(decisions: list[Decision]) -> list[Decision]:
    """The last decision opens what the schema refuses: waiting, with no reply-by time."""
    last = decisions[-1]
    return [*decisions[:-1], replace(last, opens={**(last.opens or {}), "reply_by": None})]


def test_a_batch_with_one_bad_row_leaves_nothing_and_no_cursor(store: Store) -> None:
    lease = lease_poll(store, START)
    batch = [message(n) for n in range(3)]
    with pytest.raises(StoreError):
        store.ingest.batch(
            lease,
            batch,
            "further",
            lambda known: unstorable(decide(batch, known, policy())),
            START,
            LEASE,
        )
    assert set(sizes(store).values()) == {0}
    assert cursor(store) is None
    store.ingest.batch(
        lease, batch, "further", lambda known: decide(batch, known, policy()), START, LEASE
    )
    assert count(store, "message") == 3
    assert cursor(store) == "further"


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_batch_whose_connection_dies_leaves_nothing_and_no_cursor(
    store: Store, store_url: str
) -> None:
    lease = lease_poll(store, START)
    batch = [message(1)]

    def cut(known: Known) -> list[Decision]:
        with psycopg.connect(store_url, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return decide(batch, known, policy())

    with pytest.raises(StoreError, match="can't reach"):
        store.ingest.batch(lease, batch, "further", cut, START, LEASE)
    assert cursor(store) is None
    assert count(store, "message") == 0
    store.ingest.batch(
        lease, batch, "further", lambda known: decide(batch, known, policy()), START, LEASE
    )
    assert count(store, "message") == 1


def test_a_poll_that_was_taken_over_stores_nothing_more(store: Store, clock: FakeClock) -> None:
    old = lease_poll(store, clock(), "slow")
    lease_poll(store, clock.forward(seconds=61), "next")
    with pytest.raises(StoreBusy, match="taken this poll over"):
        store.ingest.batch(old, [message(1)], "further", never_asked, clock(), LEASE)
    assert count(store, "message") == 0
    assert cursor(store) is None


def never_asked(known: Known) -> list[Decision]:
    raise AssertionError("nothing is decided for a poll that was taken over")


def test_four_at_once_with_the_same_messages_store_them_once(store: Store) -> None:
    lease = lease_poll(store, START)
    batch = [message(n) for n in range(40)]

    def poll(number: int) -> list[Decision]:
        turned = batch[number * 10 :] + batch[: number * 10]
        return store.ingest.batch(
            lease, turned, "c", lambda known: decide(turned, known, policy()), START, LEASE
        )

    with ThreadPoolExecutor(4) as pollers:
        outcomes = Counter(d.outcome for done in pollers.map(poll, range(4)) for d in done)
    assert outcomes == {Outcome.NEW: 40, Outcome.KNOWN: 120}
    assert count(store, "message") == count(store, "conversation") == 40


def same_thread(number: int, minutes: float, *others: int) -> IncomingMessage:
    """A message of customer 1's that refers to others by their numbers."""
    keys = tuple(f"<{n}@customer.test>" for n in (number, *others))
    at = START + timedelta(minutes=minutes)
    return message(number, at, author=message(1).author, keys=keys)


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_that_comes_before_what_it_answers_joins_it(store: Store, together: bool) -> None:
    later, earlier = same_thread(2, 5, 1), same_thread(1, 0)
    for batch in [[later, earlier]] if together else [[later], [earlier]]:
        take_in(store, batch)
    (there,) = store.lists.page(EVERYTHING)
    assert there.awaiting_since == START
    assert there.reply_by == START + timedelta(hours=6)
    assert count(store, "message") == 2


def test_later_messages_never_move_the_clock(store: Store) -> None:
    take_in(store, [same_thread(1, 0)])
    take_in(store, [same_thread(2, 30, 1), same_thread(3, 60, 1, 2)])
    (there,) = store.lists.page(View())
    assert there.awaiting_since == START


def test_a_stranger_who_names_somebodys_message_joins_nothing(store: Store) -> None:
    take_in(store, [message(1)])
    take_in(store, [message(2, keys=("<2@customer.test>", "<1@customer.test>"))])
    first, second = sorted(store.lists.page(View()), key=lambda c: c.id)
    linked = store.database.read("SELECT id, linked_id FROM conversation ORDER BY id")
    assert linked == [(first.id, None), (second.id, first.id)]


def test_a_hundred_thousand_characters_are_kept_whole(store: Store) -> None:
    text = "".join(f"{chr(0x4E00 + n % 20000)}{n} " for n in range(20_000))[:100_000]
    take_in(store, [message(1, text=text, subject=text, raw=text.encode())])
    (there,) = store.lists.page(View())
    (stored,) = store.lists.messages(there.id)
    assert stored.text == text
    assert store.lists.raw(stored.id) == text.encode()
    assert len(there.preview) <= 160


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_text(store: Store, text: str) -> None:
    hostile = message(
        1, text=text, subject=text, author=Party(f"{text}@x.test", text), headers=text,
        to=(text,), url=text,
    )  # fmt: skip
    take_in(store, [hostile])
    (there,) = store.lists.page(View())
    (stored,) = store.lists.messages(there.id)
    assert stored.text == text.replace("\x00", "\ufffd").replace("\ud83d", "\ufffd")
    assert [d.outcome for d in take_in(store, [hostile])] == [Outcome.KNOWN]
    found(store, text)


POISON = "a lone \ud83d surrogate"


@pytest.mark.parametrize("text", [*HOSTILE[:2], *HOSTILE[3:], POISON, "nul \x00"])
def test_a_hostile_id_does_not_stop_the_account(store: Store, text: str) -> None:
    hostile = message(1, ext_id=f"<{text}>", keys=(f"<{text}>",))
    assert [d.outcome for d in take_in(store, [hostile])] == [Outcome.NEW]
    assert [d.outcome for d in take_in(store, [hostile])] == [Outcome.KNOWN]


def test_what_comes_in_while_an_answer_is_accepted_still_waits(
    store: Store, clock: FakeClock
) -> None:
    office = Office(store, clock)
    office.one_queued()
    batch = [same_thread(2, 5, 1)]
    lease = lease_poll(store, clock.forward(minutes=5))
    with ThreadPoolExecutor(1) as sender:

        def decide_late(known: Known) -> list[Decision]:
            # The sender gets its chance; where intake holds the row it has to wait instead.
            wait([sender.submit(office.outbox.deliver)], timeout=0.5)
            return decide(batch, known, policy())

        store.ingest.batch(lease, batch, "c", decide_late, clock(), LEASE)
    there = office.conversation()
    assert (there.state, there.awaiting_since) == (State.WAITING, START + timedelta(minutes=5))
