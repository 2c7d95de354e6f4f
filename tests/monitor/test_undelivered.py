"""Bounces: an answer that did not arrive goes back to a person, with its old deadline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.decision import Outcome
from monitor.errors import DeskError
from monitor.message import DeliveryReport, IncomingMessage, Party, SendState, State
from monitor.store import Store
from tests.fakes import START, FakeClock, message
from tests.monitor.office import EVERYTHING, Office

HOUR = timedelta(hours=1)
CUSTOMER = "customer1@customer.test"


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def answered(office: Office) -> str:
    """A customer's message, answered after five minutes; the answer's Message-ID."""
    answer = office.one_queued()
    office.clock.forward(minutes=5)
    office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT
    return f"<{office.platform.taken[-1].key}@desk.test>"


def report(*ids: str, failed: bool = True, to: str = "", number: int = 50) -> IncomingMessage:
    """What a mail server says of the mail with these ids."""
    about = DeliveryReport(failed, ids, (to,) if to else (), "5.1.1", "no such user")
    return message(
        number, START + 2 * HOUR, keys=(f"<{number}@mx.test>", *ids), automatic="a bounce",
        author=Party("mailer-daemon@mx.test"), report=about,
    )  # fmt: skip


def consistent(office: Office) -> bool:
    return not list(office.store.archive.differences())


def test_a_bounce_puts_the_conversation_back_with_its_old_deadline(office: Office) -> None:
    name = answered(office)
    before = office.conversation()
    assert before.reply_by is None
    office.receive(report(name))
    there = office.conversation()
    assert (there.state, there.send_state) == (State.WAITING, "bounced")
    assert (there.awaiting_since, there.reply_by) == (START, START + 6 * HOUR)
    assert there.customer_address == CUSTOMER
    assert consistent(office)


def test_it_is_a_state_of_the_answer_with_the_servers_words(office: Office) -> None:
    name = answered(office)
    office.receive(report(name))
    opened = office.desk.open(office.conversation().id, "ann")
    (entry,) = opened.answers
    assert entry.state is SendState.BOUNCED
    assert "5.1.1 no such user" in entry.error
    assert opened.draft
    assert opened.draft.text == "an answer"


def test_an_answer_that_bounced_was_not_in_time(office: Office) -> None:
    name = answered(office)
    office.receive(report(name))
    (verdict,) = office.store.archive.verdicts(office.conversation().id)
    assert (verdict.outcome, verdict.in_time) == ("undelivered", False)


def test_a_delay_is_shown_and_the_bounce_after_it_too(office: Office) -> None:
    name = answered(office)
    office.receive(report(name, failed=False))
    assert office.conversation().send_state == "delayed"
    office.receive(report(name, number=51))
    assert office.conversation().send_state == "bounced"
    assert office.conversation().reply_by == START + 6 * HOUR
    assert consistent(office)


def test_the_next_answer_makes_it_good(office: Office) -> None:
    name = answered(office)
    office.receive(report(name))
    office.answered_by()
    office.outbox.deliver()
    there = office.conversation()
    assert (there.state, there.send_state) == (State.ANSWERED, None)
    outcomes = [v.outcome for v in office.store.archive.verdicts(there.id)]
    assert outcomes == ["undelivered", "answered"]
    assert consistent(office)


def test_a_report_without_ids_is_matched_by_whom_it_names(office: Office) -> None:
    answered(office)
    office.receive(report(to=CUSTOMER.upper()))
    assert office.conversation().send_state == "bounced"


@pytest.mark.parametrize(
    "stray", [report("<nobody@knows.test>"), report(to="stranger@x.test"), report()]
)
def test_a_report_about_nothing_of_ours_is_filed(office: Office, stray: IncomingMessage) -> None:
    answered(office)
    (decision,) = office.receive(stray)
    assert decision.outcome is Outcome.IGNORED
    states = sorted(c.state for c in office.store.lists.page(EVERYTHING))
    assert states == [State.ANSWERED, State.IGNORED]


def test_an_earlier_wait_comes_back_over_a_later_one(office: Office) -> None:
    name = answered(office)
    again = message(
        2, START + HOUR, keys=("<2@customer.test>", name), author=Party(CUSTOMER, "Customer 1")
    )
    office.receive(again)
    office.receive(report(name))
    there = office.conversation()
    assert (there.awaiting_since, there.reply_by) == (START, START + 6 * HOUR)
    assert consistent(office)


def test_while_the_next_answer_is_on_its_way_nothing_moves(office: Office) -> None:
    name = answered(office)
    office.desk.reply(office.conversation().id, "ann", "and more", seen=None)
    office.receive(report(name))
    assert office.conversation().send_state == "queued"
    office.outbox.deliver()
    assert office.conversation().state is State.ANSWERED
    assert consistent(office)


def test_a_bounce_told_twice_counts_once(office: Office) -> None:
    name = answered(office)
    office.receive(report(name))
    (decision,) = office.receive(report(name))
    assert decision.outcome is Outcome.KNOWN


def test_two_machines_that_answer_each_other_are_stopped(office: Office) -> None:
    for number in range(11):
        office.receive(message(number, author=Party("robot@x.test"), keys=(f"<{number}@x.test>",)))
    waiting = [there.id for there in office.desk.page()]
    for number in waiting[:10]:
        office.desk.reply(number, "script", "thank you", seen=None)
        office.clock.forward(seconds=20)
    with pytest.raises(DeskError, match="loop"):
        office.desk.reply(waiting[10], "script", "thank you", seen=None)
    office.clock.forward(minutes=15)
    office.desk.reply(office.desk.page()[0].id, "ann", "a person's word", seen=None)
