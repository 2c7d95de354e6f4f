"""Verdicts: frozen when the wait ends, by the calendar and in hours, in time or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.message import Verdict
from monitor.policy import Policy
from monitor.store import Store, open_store
from monitor.windows import Hours, elapsed
from tests.fakes import START, FakeClock, message, policy
from tests.monitor.office import Office

NINE_TO_FIVE = ((9 * 60, 17 * 60),)
OFFICE_HOURS = Hours(
    "office",
    ZoneInfo("UTC"),
    (NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, (), ()),
)
IN_HOURS: Policy = replace(policy(), hours=OFFICE_HOURS)


def by_office_hours(account: str, start: datetime, end: datetime) -> timedelta:
    return elapsed(start, end, OFFICE_HOURS)


@pytest.fixture
def office(store_url: str, clock: FakeClock) -> Iterator[Office]:
    store: Store = open_store(store_url, START, by_office_hours)
    yield Office(store, clock)
    store.close()


def verdict(office: Office) -> Verdict:
    (only,) = office.store.archive.verdicts(office.conversation().id)
    return only


def answered_after(office: Office, **span: float) -> Verdict:
    office.receive(message(1), using=IN_HOURS)
    office.clock.forward(**span)
    office.answered_by()
    office.outbox.deliver()
    return verdict(office)


def test_a_weekend_counts_by_the_calendar_and_not_in_hours(office: Office) -> None:
    office.clock.now = START + timedelta(hours=7)  # Friday 16:00, due on Monday at 14:00
    office.receive(message(1, office.clock()), using=IN_HOURS)
    office.clock.forward(days=2, hours=18)
    office.answered_by()
    office.outbox.deliver()
    found = verdict(office)
    assert found.reply_by == START + timedelta(days=3, hours=5)
    assert found.seconds == 66 * 3600
    assert found.seconds_in_hours == 2 * 3600
    assert found.in_time


def test_a_verdict_says_who_answered_through_what_and_when(office: Office) -> None:
    found = answered_after(office, minutes=20)
    assert (found.who, found.through, found.outcome, found.account) == (
        "ann",
        "email",
        "answered",
        "support",
    )
    assert (found.awaiting_since, found.ended_at) == (START, START + timedelta(minutes=20))
    assert found.window == timedelta(hours=6)


def test_exactly_at_the_deadline_is_in_time(office: Office) -> None:
    assert answered_after(office, hours=6).in_time


def test_a_microsecond_after_the_deadline_is_late(office: Office) -> None:
    assert not answered_after(office, hours=6, microseconds=1).in_time


def test_the_clock_stops_when_the_platform_accepts_not_when_somebody_pressed_send(
    office: Office,
) -> None:
    office.receive(message(1), using=IN_HOURS)
    office.clock.forward(hours=5)
    office.answered_by()
    office.clock.forward(hours=2)
    office.outbox.deliver()
    assert verdict(office).seconds == 7 * 3600
    assert not verdict(office).in_time


def test_no_reply_needed_is_an_outcome_of_its_own_and_never_in_time(office: Office) -> None:
    office.receive(message(1))
    office.desk.no_reply_needed(office.conversation().id, "ann", "a thank-you")
    assert (verdict(office).outcome, verdict(office).in_time) == ("no reply needed", False)


def test_closed_is_never_in_time(office: Office) -> None:
    office.receive(message(1))
    office.desk.close(office.conversation().id, "ann")
    assert (verdict(office).outcome, verdict(office).in_time) == ("closed", False)


def test_a_verdict_stays_as_it_was_when_the_windows_change(office: Office) -> None:
    before = answered_after(office, hours=2)
    tight = replace(policy(window=timedelta(minutes=1)), fingerprint="tight")
    ids = office.store.accounts.ids()
    office.store.retiming.retime(ids["support"], tight, office.clock())
    assert verdict(office) == before


def test_the_next_message_gets_a_verdict_of_its_own(office: Office) -> None:
    answered_after(office, hours=2)
    first = message(1)
    office.clock.forward(hours=1)
    again = message(2, office.clock(), author=first.author, keys=("<2@x>", *first.keys))
    office.receive(again)
    office.clock.forward(hours=7)
    office.answered_by("bob")
    office.outbox.deliver()
    verdicts = office.store.archive.verdicts(office.conversation().id)
    assert [(v.who, v.in_time, v.seconds) for v in verdicts] == [
        ("ann", True, 7200),
        ("bob", False, 7 * 3600),
    ]


def test_what_was_sent_from_another_clock_never_waited_less_than_nothing(office: Office) -> None:
    office.receive(message(1, START + timedelta(minutes=5)))
    office.answered_by()
    office.outbox.deliver()
    assert (verdict(office).seconds, verdict(office).seconds_in_hours) == (0, 0)
