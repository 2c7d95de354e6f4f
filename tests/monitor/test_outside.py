"""Answers from outside: a colleague's, from any mail program, ends the wait and stops ours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.decision import Outcome
from monitor.errors import NewerMessages
from monitor.message import IncomingMessage, Party, SendState, Sent, State
from monitor.store import Store
from tests.fakes import START, FakeClock, message, policy, take_in
from tests.monitor.office import Office

MINUTE = timedelta(minutes=1)
CUSTOMER = "customer1@customer.test"


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def from_outside(at: datetime = START + 5 * MINUTE, **changes: object) -> IncomingMessage:
    """Bea's answer to customer 1's message, as her mail program put it into Sent."""
    given: dict[str, object] = {
        "ext_id": "<bea@desk.test> 1",
        "author": Party("bea@desk.test", "Bea"),
        "keys": ("<bea@desk.test>", "<1@customer.test>"),
        "to": (CUSTOMER,),
        "outgoing": True,
    }
    return message(90, at, **(given | changes))


def found(office: Office, conversation: int, name: str) -> None:
    """Its copy turns up in Sent."""
    with office.store.database.write() as tx:
        office.store.outgoing.found(tx, conversation, name, START)


def consistent(office: Office) -> bool:
    return not list(office.store.archive.differences())


def test_a_colleagues_answer_ends_the_wait_at_its_own_moment(office: Office) -> None:
    office.receive(message(1))
    office.clock.forward(minutes=30)
    office.receive(from_outside())
    there = office.conversation()
    assert (there.state, there.reply_by) == (State.ANSWERED, None)
    (verdict,) = office.store.archive.verdicts(there.id)
    assert (verdict.who, verdict.through, verdict.in_time) == ("Bea", "outside", True)
    assert verdict.seconds == 300
    assert consistent(office)


def test_it_stands_in_the_conversation_as_answered_outside(office: Office) -> None:
    office.receive(message(1), from_outside())
    opened = office.desk.open(office.conversation().id, "ann")
    said = opened.messages[-1]
    assert (said.outside, said.author.name, said.remark) == (True, "Bea", "answered outside")
    assert opened.seen == said.id


def test_question_and_answer_may_come_in_one_batch(office: Office) -> None:
    later = message(
        2, START + 9 * MINUTE, keys=("<2@customer.test>", "<bea@desk.test>"),
        author=Party(CUSTOMER, "Customer 1"),
    )  # fmt: skip
    office.receive(message(1), from_outside(), later)
    there = office.conversation()
    assert (there.state, there.awaiting_since) == (State.WAITING, START + 9 * MINUTE)
    assert consistent(office)


def test_an_answer_that_is_found_before_its_question_counts_too(office: Office) -> None:
    office.receive(from_outside())
    assert office.conversation().state is State.IGNORED
    office.receive(message(1))
    there = office.conversation()
    assert there.state is State.ANSWERED
    (verdict,) = office.store.archive.verdicts(there.id)
    assert verdict.seconds == 300
    assert consistent(office)


def test_what_was_written_after_the_answer_still_waits(office: Office) -> None:
    office.receive(message(1))
    again = message(
        2, START + 6 * MINUTE, keys=("<2@customer.test>", "<1@customer.test>"),
        author=Party(CUSTOMER, "Customer 1"),
    )  # fmt: skip
    office.receive(again)
    office.receive(from_outside())
    assert office.conversation().awaiting_since == START + 6 * MINUTE
    assert consistent(office)


def test_a_mail_to_somebody_else_answers_nobody(office: Office) -> None:
    office.receive(message(1))
    (decision,) = office.receive(from_outside(to=("lawyer@firm.test",)))
    assert decision.outcome is Outcome.IGNORED
    assert office.conversation().state is State.WAITING


def test_an_answer_older_than_the_question_ends_nothing(office: Office) -> None:
    office.receive(message(1))
    office.receive(from_outside(START - MINUTE))
    assert office.conversation().state is State.WAITING


def test_an_answer_of_ours_that_has_not_left_stays_here(office: Office) -> None:
    answer = office.one_queued()
    office.receive(from_outside())
    assert office.fate(answer) is SendState.FAILED
    assert office.outbox.deliver() == 0
    there = office.desk.open(office.conversation().id, "ann")
    assert there.draft
    assert there.draft.text == "an answer"
    assert (there.conversation.state, there.conversation.send_state) == (State.ANSWERED, None)
    assert consistent(office)


def test_who_has_not_read_it_can_not_answer_a_second_time(office: Office) -> None:
    office.receive(message(1))
    seen = office.desk.open(office.conversation().id, "ann").seen
    office.receive(from_outside())
    with pytest.raises(NewerMessages, match="Bea answered"):
        office.desk.reply(office.conversation().id, "ann", "again", seen=seen)


def test_our_own_copy_is_known_and_stored_once(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    copy = from_outside(keys=("<k@desk.test>",), ours="our own answer")
    assert [d.outcome for d in office.receive(copy)] == [Outcome.KNOWN]
    assert len(office.desk.open(office.conversation().id, "ann").messages) == 2


def test_a_copy_in_sent_proves_that_an_unsure_answer_was_taken(office: Office) -> None:
    answer = office.one_queued()
    number = office.conversation().id
    assert office.store.outgoing.lease("me", START, 5 * MINUTE)
    assert office.store.outgoing.handing_over(answer, "me", "<k@desk.test>")
    office.store.outgoing.unsure(answer, "me", START, "no word")
    found(office, number, "<other@desk.test>")
    assert office.fate(answer) is SendState.UNSURE
    found(office, number, "<k@desk.test>")
    assert office.fate(answer) is SendState.SENT
    assert office.conversation().state is State.ANSWERED


def test_a_late_word_of_the_sender_changes_nothing_then(office: Office) -> None:
    answer = office.one_queued()
    office.store.outgoing.lease("me", START, 5 * MINUTE)
    office.store.outgoing.handing_over(answer, "me", "<k@desk.test>")
    found(office, office.conversation().id, "<k@desk.test>")
    assert not office.store.outgoing.sent(answer, Sent("<k@desk.test>"), START)


def test_the_customers_reply_to_a_mail_that_a_colleague_began_joins_it(office: Office) -> None:
    office.receive(from_outside(keys=("<bea@desk.test>",)))
    office.receive(
        message(1, START + 9 * MINUTE, keys=("<1@customer.test>", "<bea@desk.test>"))
    )  # fmt: skip
    assert office.conversation().state is State.WAITING


def test_one_mail_to_two_accounts_is_one_item(office: Office) -> None:
    office.receive(message(1))
    (decision,) = take_in(office.store, [message(1)], START + MINUTE, "sales")
    assert decision.outcome is Outcome.KNOWN
    assert office.conversation().account == "support"
    kinds = [e.kind for e in office.store.archive.events(office.conversation().id)]
    assert kinds == ["received", "arrived at another account too"]
    (again,) = take_in(office.store, [message(1)], START + MINUTE, "sales")
    assert (again.outcome, again.door) == (Outcome.KNOWN, None)
    assert consistent(office)


def test_the_stricter_of_two_doors_sets_the_time(office: Office) -> None:
    office.receive(message(1))
    strict = policy("sales", timedelta(hours=1))
    take_in(office.store, [message(1)], START + MINUTE, "sales", strict)
    assert office.conversation().reply_by == START + timedelta(hours=1)
    assert consistent(office)


def test_a_reply_through_the_other_door_joins_the_conversation(office: Office) -> None:
    office.receive(message(1))
    take_in(office.store, [message(1)], START, "sales")
    reply = message(
        2, keys=("<2@customer.test>", "<1@customer.test>"), author=Party(CUSTOMER, "Customer 1")
    )
    take_in(office.store, [reply], START, "sales")
    assert len(office.desk.open(office.conversation().id, "ann").messages) == 2
