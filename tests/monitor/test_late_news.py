"""News of answers in an awkward order: bounces and colleagues' answers beside answers of ours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.errors import DeskError
from monitor.message import DeliveryReport, IncomingMessage, Party, SendState, State
from monitor.store import Store
from tests.fakes import START, FakeClock, message
from tests.monitor.office import Office

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CUSTOMER = Party("customer1@customer.test", "Customer 1")
BEA = "<bea@desk.test>"


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def again(number: int, at: datetime) -> IncomingMessage:
    """A further message of customer 1's, in the conversation of the first."""
    keys = (f"<{number}@customer.test>", "<1@customer.test>")
    return message(number, at, author=CUSTOMER, keys=keys)


def outside(at: datetime = START + 5 * MINUTE, to: str = CUSTOMER.address) -> IncomingMessage:
    """Bea's answer to customer 1's first message, with another program."""
    return message(
        90, at, ext_id="bea", author=Party("bea@desk.test", "Bea"), to=(to,), outgoing=True,
        keys=(BEA, "<1@customer.test>"),
    )  # fmt: skip


def report(number: int, *ids: str, failed: bool = True, to: str = "") -> IncomingMessage:
    """What a mail server says of the mail with these ids."""
    about = DeliveryReport(failed, ids, (to,) if to else (), "5.1.1", "no such user")
    return message(
        number, START + 2 * HOUR, keys=(f"<{number}@mx.test>",), automatic="a bounce",
        author=Party("mailer-daemon@mx.test"), report=about,
    )  # fmt: skip


def deliver(office: Office) -> str:
    """Send what is queued; the Message-ID of the answer."""
    office.clock.forward(minutes=5)
    office.outbox.deliver()
    return f"<{office.platform.taken[-1].key}@desk.test>"


def answered(office: Office) -> str:
    """A customer's message that was answered; the answer's Message-ID."""
    office.one_queued()
    return deliver(office)


def consistent(office: Office) -> bool:
    return not list(office.store.archive.differences())


@pytest.mark.parametrize("failed", [True, False])
def test_a_second_report_on_an_answer_that_was_made_good_moves_nothing(
    office: Office, failed: bool
) -> None:
    name = answered(office)
    office.receive(report(50, name, failed=False))
    office.answered_by(text="once more")
    deliver(office)
    office.receive(report(51, name, failed=failed))
    assert office.conversation().state is State.ANSWERED


def test_a_bounce_is_not_forgotten_when_the_follow_up_is_taken_back(office: Office) -> None:
    name = answered(office)
    office.desk.reply(office.conversation().id, "ann", "and more", seen=None)
    office.receive(report(50, name))
    office.desk.undo(office.conversation().id, "ann")
    there = office.conversation()
    assert (there.state, there.reply_by) == (State.WAITING, START + 6 * HOUR)


def test_a_bounce_does_not_hide_that_a_later_answer_is_unsure(office: Office) -> None:
    name = answered(office)
    office.receive(again(2, office.clock()))
    second = office.answered_by(text="second")
    assert office.store.outgoing.lease("me", office.clock(), 5 * MINUTE)
    assert office.store.outgoing.handing_over(second, "me", "<second@desk.test>")
    office.store.outgoing.unsure(second, "me", office.clock(), "no word")
    office.receive(report(50, name))
    assert office.conversation().send_state == "unsure"


def test_a_bounce_wakes_what_was_snoozed(office: Office) -> None:
    name = answered(office)
    office.receive(again(2, office.clock()))
    number = office.conversation().id
    office.desk.snooze(number, "ann", START + timedelta(days=2), past_deadline=True)
    office.receive(report(50, name))
    assert office.conversation().state is State.WAITING


def test_what_a_dead_sender_left_does_not_follow_a_colleagues_answer(office: Office) -> None:
    office.one_queued()
    assert office.store.outgoing.lease("elsewhere/1/1", START, 5 * MINUTE)
    office.receive(outside())
    office.clock.forward(minutes=10)
    office.outbox.deliver()
    assert not office.platform.taken


def test_an_answer_that_was_not_handed_over_yet_is_stopped(office: Office) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease("me", START, 5 * MINUTE)
    office.receive(outside())
    assert not office.store.outgoing.handing_over(answer, "me", "<k@desk.test>")
    assert office.fate(answer) is SendState.FAILED


def test_what_is_found_after_a_mail_to_somebody_else_waits(office: Office) -> None:
    office.one_queued()
    deliver(office)
    office.clock.forward(hours=1)
    office.receive(outside(START + HOUR, to="lawyer@firm.test"))
    office.receive(again(2, START + 30 * MINUTE))
    assert office.conversation().state is State.WAITING


def test_a_colleagues_answer_that_bounced_later_answers_nothing(office: Office) -> None:
    office.receive(message(1), outside())
    office.receive(report(50, BEA))
    there = office.conversation()
    assert (there.state, there.reply_by) == (State.WAITING, START + 6 * HOUR)
    assert consistent(office)


def test_what_is_found_after_a_colleagues_answer_had_bounced_waits(office: Office) -> None:
    office.receive(message(1), outside())
    office.receive(report(50, BEA))
    office.answered_by()
    deliver(office)
    office.receive(again(2, START + MINUTE))
    assert office.conversation().state is State.WAITING


def test_what_a_colleague_answered_does_not_wait_again_after_ours(office: Office) -> None:
    office.receive(message(1), outside(START + 10 * MINUTE))
    office.receive(again(2, START + 20 * MINUTE))
    seen = office.desk.open(office.conversation().id, "ann").seen
    office.desk.reply(office.conversation().id, "ann", "an answer", seen=seen)
    office.receive(again(3, START + 2 * MINUTE))
    deliver(office)
    assert office.conversation().state is State.ANSWERED


def test_what_we_answered_does_not_wait_again_after_a_colleagues(office: Office) -> None:
    office.receive(message(1), again(2, START + 6 * MINUTE))
    office.answered_by()
    deliver(office)
    office.receive(again(3, START - 5 * MINUTE))
    office.receive(outside(START + 4 * MINUTE))
    assert office.conversation().state is State.ANSWERED


def test_a_report_without_ids_is_not_about_an_answer_of_months_ago(office: Office) -> None:
    answered(office)
    office.clock.forward(days=90)
    stray = report(50, to=CUSTOMER.address)
    office.receive(stray)
    assert office.conversation(1).state is State.ANSWERED


def test_a_report_that_names_an_id_that_is_not_ours_moves_nothing(office: Office) -> None:
    answered(office)
    office.receive(report(50, "<guessed@desk.test>", to=CUSTOMER.address))
    assert office.conversation(1).state is State.ANSWERED


def test_a_loop_is_seen_however_its_address_is_written(office: Office) -> None:
    for number in range(11):
        name = "robot" if number % 2 else "Robot"
        office.receive(message(number, author=Party(f"{name}@x.test"), keys=(f"<{number}@x>",)))
    refused = 0
    for there in office.desk.page():
        try:
            office.desk.reply(there.id, "script", "thank you", seen=None)
        except DeskError:
            refused += 1
    assert refused == 1


def test_a_copy_in_sent_settles_an_unsure_answer_with_the_batch_itself(office: Office) -> None:
    answer = office.one_queued()
    number = office.conversation().id
    assert office.store.outgoing.lease("me", START, 5 * MINUTE)
    assert office.store.outgoing.handing_over(answer, "me", "<k@desk.test>")
    office.store.outgoing.unsure(answer, "me", START, "no word")
    copy = message(
        90, ext_id="copy", outgoing=True, to=(CUSTOMER.address,), keys=("<k@desk.test>",),
        ours="our own answer", own_conversation=number,
    )  # fmt: skip
    office.receive(copy)
    assert office.fate(answer) is SendState.SENT
