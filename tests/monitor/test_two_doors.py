"""One mail through several accounts: what the second door may change of the clock, and what not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.message import IncomingMessage, Party, State
from monitor.policy import Policy
from monitor.rules import Rule
from monitor.store import Store
from tests.fakes import START, FakeClock, message, policy, take_in
from tests.monitor.office import EVERYTHING, Office

HOUR = timedelta(hours=1)
CUSTOMER = Party("customer1@customer.test", "Customer 1")
STRICT = policy("sales", HOUR)


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def again(number: int, at: datetime, *refers: str) -> IncomingMessage:
    """A further message of customer 1's, in the conversation of the first."""
    keys = (f"<{number}@customer.test>", *(refers or ("<1@customer.test>",)))
    return message(number, at, author=CUSTOMER, keys=keys)


def through_sales(office: Office, *messages: IncomingMessage, using: Policy = STRICT) -> None:
    take_in(office.store, messages, office.clock(), "sales", using)


def consistent(office: Office) -> bool:
    return not list(office.store.archive.differences())


def test_a_door_found_after_the_answer_moves_nothing(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    office.clock.forward(hours=5)
    office.receive(again(2, START + 5 * HOUR))
    through_sales(office, message(1))
    there = office.conversation()
    assert (there.awaiting_since, there.reply_by) == (START + 5 * HOUR, START + 11 * HOUR)


def test_the_wait_still_begins_with_the_oldest_message(office: Office) -> None:
    office.receive(message(1), again(2, START + HOUR))
    through_sales(office, again(2, START + HOUR))
    assert office.conversation().awaiting_since == START
    assert consistent(office)


def test_two_doors_in_one_batch_leave_the_earlier_time(office: Office) -> None:
    office.receive(message(1), again(2, START + HOUR))
    through_sales(office, message(1), again(2, START + HOUR))
    there = office.conversation()
    assert (there.awaiting_since, there.reply_by) == (START, START + HOUR)


def test_the_stricter_door_still_counts_once_an_earlier_message_is_answered(
    office: Office,
) -> None:
    office.one_queued()
    through_sales(office, message(1))
    office.receive(again(2, START + HOUR))
    through_sales(office, again(2, START + HOUR))
    office.outbox.deliver()
    there = office.conversation()
    assert (there.awaiting_since, there.reply_by) == (START + HOUR, START + 2 * HOUR)


def test_new_settings_of_one_account_leave_the_other_doors_time(office: Office) -> None:
    office.receive(message(1))
    through_sales(office, message(1))
    support = office.store.accounts.ids()["support"]
    office.store.retiming.retime(support, policy("support"), office.clock())
    assert office.conversation().reply_by == START + HOUR


def test_new_settings_leave_what_came_through_another_account_alone(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    through_sales(office, again(2, START + HOUR))
    assert office.conversation().reply_by == START + 2 * HOUR
    support = office.store.accounts.ids()["support"]
    office.store.retiming.retime(support, policy("support"), office.clock())
    assert office.conversation().reply_by == START + 2 * HOUR


def test_what_one_account_ignores_waits_where_another_wants_it(office: Office) -> None:
    ignoring = Policy("support", HOUR, HOUR, None, (Rule(1, {}, ignore="newsletters"),))
    office.receive(message(1), using=ignoring)
    through_sales(office, message(1))
    assert office.conversation().state is State.WAITING


def cc_to_us(office: Office) -> tuple[IncomingMessage, IncomingMessage]:
    """Bea's answer to customer 1 as an inbox of ours gets its copy, and as it lies in Sent."""
    given = {
        "ext_id": "<bea@desk.test> 1",
        "keys": ("<bea@desk.test>", "<1@customer.test>"),
        "author": Party("support@desk.test", "Bea"),
        "to": (CUSTOMER.address, "sales@desk.test"),
    }
    at = START + timedelta(minutes=5)
    return message(90, at, **given), message(90, at, **given, outgoing=True)


@pytest.mark.parametrize("account", ["support", "sales"])
def test_an_answer_whose_copy_an_inbox_has_still_ends_the_wait(
    office: Office, account: str
) -> None:
    office.receive(message(1))
    copy, sent = cc_to_us(office)
    take_in(office.store, [copy], office.clock(), account)
    office.receive(sent)
    of_customer = [
        c for c in office.store.lists.page(EVERYTHING) if c.customer_address == CUSTOMER.address
    ]
    assert [c.state for c in of_customer] == [State.ANSWERED]


def test_an_answer_that_is_found_in_sent_first_is_not_taken_for_a_question(office: Office) -> None:
    office.receive(message(1))
    copy, sent = cc_to_us(office)
    office.receive(sent)
    through_sales(office, copy)
    assert office.conversation().state is State.ANSWERED
    assert consistent(office)
