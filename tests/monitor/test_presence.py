"""Presence: who is at work is known everywhere, soon forgotten, and costs few writes."""

from __future__ import annotations

from datetime import timedelta

from monitor.desk import Desk
from monitor.store import Store
from monitor.store.presence import Presence
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import count


def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock, {})


def test_what_one_terminal_says_another_sees(store: Store, clock: FakeClock) -> None:
    desk(store, clock).here("bob", 7, typing=True)
    desk(store, clock).here("ann", None)
    assert desk(store, clock).present() == [
        Presence("ann", None, False, START),
        Presence("bob", 7, True, START),
    ]


def test_who_was_not_heard_of_for_half_a_minute_is_not_at_work(
    store: Store, clock: FakeClock
) -> None:
    ours = desk(store, clock)
    ours.here("ann", 7)
    clock.forward(seconds=30)
    assert [p.person for p in ours.present()] == ["ann"]
    clock.forward(microseconds=1)
    assert ours.present() == []


def test_who_stays_is_written_seldom_and_never_goes_stale(store: Store, clock: FakeClock) -> None:
    ours, written = desk(store, clock), set()
    for _ in range(60):
        ours.here("ann", 7)
        (there,) = ours.present()
        written.add(there.at)
        clock.forward(seconds=10)
    assert len(written) == 30


def test_quick_moves_are_written_every_two_seconds(store: Store, clock: FakeClock) -> None:
    ours = desk(store, clock)
    ours.here("ann", 1)
    clock.forward(seconds=1)
    ours.here("ann", 2)
    assert ours.present()[0].conversation_id == 1
    clock.forward(seconds=1)
    ours.here("ann", 3)
    assert ours.present()[0].conversation_id == 3


def test_typing_is_written_at_once(store: Store, clock: FakeClock) -> None:
    ours = desk(store, clock)
    ours.here("ann", 1)
    ours.here("ann", 1, typing=True)
    assert ours.present()[0].typing


def test_who_leaves_is_gone_at_once_and_leaves_no_row(store: Store, clock: FakeClock) -> None:
    ours = desk(store, clock)
    ours.here("ann", 1)
    ours.gone("ann")
    assert (ours.present(), count(store, "presence")) == ([], 0)
    ours.here("ann", 1)
    assert len(ours.present()) == 1


def test_a_clock_that_was_wrong_leaves_nobody_at_work_for_ever(
    store: Store, clock: FakeClock
) -> None:
    ours = desk(store, clock)
    clock.forward(days=400)
    ours.here("ann", 1)
    clock.forward(days=-400)
    assert ours.present() == []
    ours.here("ann", 2)
    assert ours.present() == [Presence("ann", 2, False, START)]
    assert START - clock() == timedelta()


def test_who_is_here_or_has_done_anything_lately_is_known(store: Store, clock: FakeClock) -> None:
    ours = desk(store, clock)
    take_in(store, [message(1)], START)
    assert not ours.knows("bbo")
    ours.here("bob", None)
    ours.claim(1, "carla")
    ours.assign(1, "carla", "bbo")
    assert [ours.knows(name) for name in ("bob", "carla", "bbo", "")] == [True, True, False, False]
