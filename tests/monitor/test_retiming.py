"""Deadlines after windows, hours or rules have changed: moved, logged, and only where they must."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from monitor.message import State
from monitor.policy import Policy
from monitor.rules import Rule, parse_matcher
from monitor.store import Store
from monitor.store.lists import View
from tests.fakes import START, FakeClock, message, policy, take_in
from tests.monitor.office import Office, raw_sql
from tests.monitor.test_verdicts import OFFICE_HOURS

LEADS = (Rule(1, {"subject": parse_matcher("quote")}, lead=True),)
BEFORE = replace(policy(), fingerprint="before")
LATER = START + timedelta(minutes=1)


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def retime(store: Store, using: Policy, now: datetime = LATER) -> int:
    return store.retiming.retime(store.accounts.ids()["support"], using, now)


def windows(hours: float) -> Policy:
    return replace(policy(window=timedelta(hours=hours)), fingerprint=f"{hours}h")


def test_a_shorter_window_moves_every_open_deadline(office: Office) -> None:
    office.receive(*(message(n, START - timedelta(minutes=n)) for n in range(5)))
    assert retime(office.store, windows(1)) == 5
    for there in office.desk.page():
        assert there.awaiting_since is not None
        assert there.reply_by == there.awaiting_since + timedelta(hours=1)
        assert there.window == timedelta(hours=1)
    assert list(office.store.archive.differences()) == []


def test_hours_move_deadlines_too(office: Office) -> None:
    office.receive(message(1, START + timedelta(hours=7)))
    assert retime(office.store, replace(policy(), hours=OFFICE_HOURS)) == 1
    assert office.conversation().reply_by == START + timedelta(days=3, hours=5)


def test_a_new_rule_finds_the_leads_that_wait_already(office: Office) -> None:
    office.receive(message(1), message(2, subject="a quote, please"))
    assert retime(office.store, replace(policy(), rules=LEADS)) == 1
    first = office.desk.page()[0]
    assert first.subject == "a quote, please"
    assert first.lead
    assert first.reply_by == START + timedelta(minutes=15)


def test_a_moved_deadline_has_a_line_in_the_log(office: Office) -> None:
    office.receive(message(1))
    retime(office.store, windows(2))
    line = office.store.archive.events(office.conversation().id)[-1]
    assert (line.kind, line.who, line.at) == ("retimed", "clock", LATER)
    assert line.changes["window_us"] == 2 * 3600 * 1_000_000


def test_settings_that_move_nothing_leave_everything_as_it_was(office: Office) -> None:
    office.receive(*(message(n) for n in range(3)))
    before = office.desk.page()
    assert retime(office.store, BEFORE) == 0
    assert office.desk.page() == before
    kinds = {e.kind for c in before for e in office.store.archive.events(c.id)}
    assert kinds == {"received"}


def test_a_conversation_that_became_a_lead_later_stays_one(office: Office) -> None:
    using = replace(policy(), rules=LEADS)
    first = message(1, subject="")
    office.receive(first, using=using)
    second = message(2, author=first.author, keys=("<2@x>", *first.keys), subject="and a quote")
    office.receive(second, using=using)
    assert office.conversation().lead
    assert retime(office.store, using) == 0
    assert office.conversation().lead


def test_snoozed_and_leaving_ones_are_moved_and_ended_ones_are_not(office: Office) -> None:
    office.receive(*(message(n) for n in range(3)))
    snoozed, leaving, closed = (c.id for c in office.desk.page())
    office.desk.snooze(snoozed, "ann", START + timedelta(hours=1))
    office.desk.reply(leaving, "ann", "x", seen=None)
    office.desk.close(closed, "ann")
    assert retime(office.store, windows(1)) == 2
    states = [office.desk.find(n).state for n in (snoozed, leaving, closed)]
    assert states == [State.SNOOZED, State.SENDING, State.CLOSED]
    assert office.desk.find(leaving).reply_by == START + timedelta(hours=1)
    assert office.desk.find(closed).reply_by is None


def test_what_was_written_while_an_answer_left_is_due_by_the_new_window(office: Office) -> None:
    office.one_queued()
    first = message(1)
    office.clock.forward(minutes=5)
    office.receive(message(2, office.clock(), author=first.author, keys=("<2@x>", *first.keys)))
    retime(office.store, windows(1))
    office.outbox.deliver()
    assert office.conversation().reply_by == START + timedelta(hours=1, minutes=5)


def test_other_accounts_are_left_alone(office: Office) -> None:
    office.receive(message(1))
    take_in(office.store, [message(2)], account="sales")
    assert retime(office.store, windows(1)) == 1
    sales = office.store.accounts.ids()["sales"]
    (there,) = office.store.lists.page(View(accounts=(sales,)))
    assert there.reply_by == START + timedelta(hours=6)


def test_more_than_a_batch_is_moved_whole(office: Office) -> None:
    office.receive(*(message(n) for n in range(450)))
    assert retime(office.store, windows(1)) == 450
    assert office.store.accounts.clock(1) == "1h"


class PowerCut(Exception):
    """The end of a process in the middle of its work."""


def test_what_was_cut_off_on_the_way_is_done_the_next_time(office: Office) -> None:
    office.receive(*(message(n) for n in range(450)))
    target, computed = windows(1), count()

    class Dying(Policy):
        """A policy whose computing ends in the middle."""

        def reply_by(self, at: datetime, window: timedelta) -> datetime:
            if next(computed) == 300:
                raise PowerCut
            return target.reply_by(at, window)

    dying = Dying(target.account, target.window, target.lead_window, None, (), target.fingerprint)
    with pytest.raises(PowerCut):
        retime(office.store, dying)
    assert office.store.accounts.clock(1) == ""
    assert retime(office.store, target) == 250
    assert office.store.accounts.clock(1) == "1h"
    assert list(office.store.archive.differences()) == []


def test_conversations_without_a_message_do_not_hide_those_behind_them(office: Office) -> None:
    office.receive(*(message(n) for n in range(201)))
    # As an answer leaves them that failed when nothing was owed: due since it was written.
    written = "awaiting_since = awaiting_since + 1, reply_by = awaiting_since + 1, window_us = 0"
    raw_sql(office.store, f"UPDATE conversation SET {written} WHERE id <= 200")
    retime(office.store, windows(1))
    assert office.desk.find(201).reply_by == START + timedelta(hours=1)
