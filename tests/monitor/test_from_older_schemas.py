"""A database full of mail from before doors and bounces: what it holds is known afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from monitor.decision import Outcome
from monitor.message import DeliveryReport, IncomingMessage, Party, State
from monitor.store import Store, open_store
from monitor.store.schema import bring_up_to_date, open_database
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import Office, count

CUSTOMER = Party("customer1@customer.test", "Customer 1")
ANSWER = "<answer@desk.test>"
# One mail that two accounts stored, each for itself, and an answer to the first's copy.
BEFORE = """
INSERT INTO account (id, name, channel) VALUES (1, 'support', 'email');
INSERT INTO account (id, name, channel) VALUES (2, 'sales', 'email');
INSERT INTO poll (account_id) VALUES (1);
INSERT INTO poll (account_id) VALUES (2);
INSERT INTO conversation (id, account_id, customer_address, subject, state)
  VALUES (1, 1, 'customer1@customer.test', 'subject 1', 3);
INSERT INTO conversation (id, account_id, customer_address, subject, state, awaiting_since,
  window_us, reply_by) VALUES (2, 2, 'customer1@customer.test', 'subject 1', 0, {at}, 5, {at} + 5);
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_address, at,
  found_at, subject, reference, window_us, reply_by) VALUES (1, 1, 1, '<1@customer.test>', 0,
  'customer1@customer.test', {at}, {at}, 'subject 1', '<1@customer.test>', 5, {at} + 5);
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_address, at,
  found_at, subject, reference, window_us, reply_by) VALUES (2, 2, 2, '<1@customer.test>', 0,
  'customer1@customer.test', {at}, {at}, 'subject 1', '<1@customer.test>', 5, {at} + 5);
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_name, recipients,
  at, found_at, body, reference) VALUES (3, 1, 1, '{answer}', 1, 'ann', 'Customer1@Customer.test',
  {at} + 60, {at} + 60, 'an answer', '{answer}');
INSERT INTO outbox (id, key, conversation_id, account_id, author, body, to_address, state,
  queued_at, next_try, ext_id) VALUES (1, 'k', 1, 1, 'ann', 'an answer',
  'Customer1@Customer.test', 'sent', {at} + 50, {at} + 50, '{answer}');
INSERT INTO verdict (id, conversation_id, account_id, awaiting_since, reply_by, window_us, ended_at,
  waited_us, waited_in_hours_us, outcome, who, through, in_time)
  VALUES (1, 1, 1, {at}, {at} + 5, 5, {at} + 60, 60, 60, 'answered', 'ann', 'email', 1);
INSERT INTO thread_key (account_id, key, conversation_id) VALUES (1, '<1@customer.test>', 1);
INSERT INTO thread_key (account_id, key, conversation_id) VALUES (1, '{answer}', 1);
INSERT INTO thread_key (account_id, key, conversation_id) VALUES (2, '<1@customer.test>', 2)
"""
AT = int(START.timestamp()) * 1_000_000


@pytest.fixture
def office(new_url: Callable[[], str], clock: FakeClock) -> Iterator[Office]:
    url = new_url()
    database = open_database(url)
    bring_up_to_date(database, START, lambda text: None, to="0002")
    with database.write() as tx:
        for statement in BEFORE.format(at=AT, answer=ANSWER).split(";\n"):
            tx.run(statement)
        if database.dialect == "postgresql":
            for table in ("conversation", "message", "outbox", "verdict"):
                tx.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 10)")
    database.close()
    store = open_store(url, START)
    yield Office(store, clock)
    store.close()


def bounce(*ids: str, to: str = "") -> IncomingMessage:
    report = DeliveryReport(True, ids, (to,) if to else (), "5.1.1")
    return message(50, automatic="a bounce", author=Party("daemon@mx.test"), report=report)


def messages_of(store: Store, conversation: int) -> int:
    return len(store.lists.messages(conversation))


def test_what_both_accounts_stored_stays_known_to_both(office: Office) -> None:
    for account in ("support", "sales"):
        (decision,) = take_in(office.store, [message(1)], START, account)
        assert decision.outcome is Outcome.KNOWN
    assert (count(office.store, "message"), count(office.store, "door")) == (3, 0)


@pytest.mark.parametrize("report", [bounce(ANSWER), bounce(to="customer1@CUSTOMER.test")])
def test_an_answer_of_before_that_bounces_now_goes_back(
    office: Office, report: IncomingMessage
) -> None:
    office.receive(report)
    there = office.conversation(1)
    assert (there.state, there.send_state, there.reply_by_us) == (State.WAITING, "bounced", AT + 5)


def test_each_account_goes_on_in_its_own_conversation(office: Office) -> None:
    keys = ("<1@customer.test>",)
    for number, account in ((11, "support"), (12, "sales")):
        more = message(number, author=CUSTOMER, keys=(f"<{number}@customer.test>", *keys))
        take_in(office.store, [more], START, account)
    assert [messages_of(office.store, 1), messages_of(office.store, 2)] == [3, 2]


def test_work_goes_on(office: Office) -> None:
    answer = office.desk.reply(2, "ann", "here it is", seen=2)
    assert office.desk.answer(answer).to == CUSTOMER.address
