"""Claims: leases that two people can't hold, that lapse by themselves and keep the draft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.desk import Desk
from monitor.errors import AlreadyClaimed
from monitor.message import State
from monitor.store import Store
from monitor.store.lists import View
from tests.fakes import START, FakeClock, message, take_in


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock, {})


def test_the_most_urgent_is_claimed_first(store: Store, desk: Desk) -> None:
    take_in(store, [message(n, START + timedelta(minutes=m)) for n, m in ((1, 5), (2, 0), (3, 9))])
    claimed = [desk.claim_next("ann") for _ in range(4)]
    assert [c.subject if c else None for c in claimed] == [
        "subject 2",
        "subject 1",
        "subject 3",
        None,
    ]


def test_many_at_once_never_get_the_same_one(store: Store, clock: FakeClock) -> None:
    take_in(store, [message(n) for n in range(60)])

    def work(person: str) -> list[int]:
        mine = []
        while (claimed := store.claims.next(person, clock())) is not None:
            mine.append(claimed.id)
        return mine

    with ThreadPoolExecutor(6) as people:
        claimed = [i for mine in people.map(work, "abcdef") for i in mine]
    assert sorted(claimed) == sorted({c.id for c in store.lists.page(View(state=None), 100)})


def test_a_colleague_cannot_take_what_is_held(store: Store, desk: Desk) -> None:
    take_in(store, [message(1)])
    held = desk.claim_next("ann")
    assert held is not None
    with pytest.raises(AlreadyClaimed, match="ann has conversation"):
        desk.claim(held.id, "bob")
    assert desk.claim(held.id, "ann").assignee == "ann"


def test_a_claim_lasts_a_quarter_of_the_window_and_lapses(
    store: Store, desk: Desk, clock: FakeClock
) -> None:
    take_in(store, [message(1)])
    held = desk.claim_next("ann")
    assert held is not None
    assert held.claim_until == START + timedelta(minutes=30)
    desk.save_draft(held.id, "ann", "half a sentence", 1)
    clock.forward(minutes=30, seconds=1)
    assert desk.claim_next("bob") is not None
    draft = desk.open(held.id, "ann").draft
    assert draft is not None
    assert draft.text == "half a sentence"


def test_typing_renews_a_claim_only_when_half_of_it_has_gone(
    store: Store, desk: Desk, clock: FakeClock
) -> None:
    take_in(store, [message(1)])
    held = desk.claim_next("ann")
    assert held is not None
    clock.forward(minutes=10)
    desk.hold(held.id, "ann")
    assert desk.find(held.id).claim_until == held.claim_until
    clock.forward(minutes=10)
    desk.hold(held.id, "ann")
    assert desk.find(held.id).claim_until == clock() + timedelta(minutes=30)


def test_what_is_snoozed_wakes_by_itself(store: Store, desk: Desk, clock: FakeClock) -> None:
    take_in(store, [message(1)])
    number = desk.page()[0].id
    desk.snooze(number, "ann", START + timedelta(hours=1))
    assert desk.page() == []
    clock.forward(hours=1)
    assert [c.state for c in desk.page()] == [State.WAITING]
