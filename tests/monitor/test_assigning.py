"""Passing a conversation on, and waking one that was put aside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import AlreadyClaimed, DeskError
from monitor.message import State
from monitor.store import Store
from tests.fakes import FakeClock, message
from tests.monitor.office import Office


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    office = Office(store, clock)
    office.receive(message(1))
    return office


def test_what_is_given_to_a_colleague_is_theirs_for_as_long_as_a_claim(office: Office) -> None:
    number = office.conversation().id
    office.desk.claim(number, "ann")
    office.desk.assign(number, "ann", "bob")
    there = office.conversation()
    assert there.assignee == "bob"
    assert there.claim_until == office.clock() + timedelta(minutes=30)
    office.clock.forward(minutes=31)
    office.desk.tick()
    assert office.conversation().assignee is None


def test_what_nobody_has_can_be_given_away(office: Office) -> None:
    office.desk.assign(office.conversation().id, "ann", "bob")
    assert office.conversation().assignee == "bob"


def test_what_somebody_else_has_is_not_given_away(office: Office) -> None:
    number = office.conversation().id
    office.desk.claim(number, "carla")
    with pytest.raises(AlreadyClaimed, match="carla has"):
        office.desk.assign(number, "ann", "bob")


def test_what_one_gave_away_can_be_taken_back_while_it_is_still_with_them(office: Office) -> None:
    number = office.conversation().id
    office.desk.assign(number, "ann", "bob")
    office.desk.assign(number, "ann", "ann", holder="bob")
    assert office.conversation().assignee == "ann"


def test_what_does_not_wait_is_not_given_away(office: Office) -> None:
    number = office.conversation().id
    office.desk.close(number, "ann")
    with pytest.raises(DeskError, match="closed"):
        office.desk.assign(number, "ann", "bob")
    with pytest.raises(DeskError, match="whom"):
        office.desk.assign(number, "ann", "  ")


def test_a_snooze_is_ended_and_the_log_tells_it(office: Office) -> None:
    number = office.conversation().id
    office.desk.snooze(number, "ann", office.clock() + timedelta(hours=1))
    office.desk.wake(number, "ann")
    assert office.conversation().state is State.WAITING
    assert list(office.store.archive.differences()) == []
    with pytest.raises(DeskError, match="not snoozed"):
        office.desk.wake(number, "ann")
