"""What comes in is hostile: sizes, names and claims neither stop a poll nor mislead it."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from monitor.decision import Outcome
from monitor.errors import DeskError, StoreError
from monitor.files import read, safe_name, save
from monitor.message import Attachment, DeliveryReport, IncomingMessage, Party, SendState, State
from monitor.store import Store, open_store
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import EVERYTHING, Office, count
from tests.servers.postgres import Postgres

MINUTE = timedelta(minutes=1)
CUSTOMER = Party("customer1@customer.test", "Customer 1")
WEIRD = "a\x00b\udc80c"


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def newsletter(recipients: int) -> IncomingMessage:
    """A mail of a colleague's to so many, as it lies in Sent."""
    letters = random.Random(7)
    names = ["".join(letters.choices(string.ascii_lowercase, k=20)) for _ in range(recipients)]
    return message(
        90, ext_id="letter", author=Party("bea@desk.test"), outgoing=True,
        to=tuple(f"{name}@customer.test" for name in names),
    )  # fmt: skip


def test_a_mail_to_many_in_sent_does_not_stop_the_poll(office: Office) -> None:
    (decision,) = office.receive(newsletter(60))
    assert decision.outcome is Outcome.IGNORED


def test_a_mail_to_very_many_in_sent_does_not_stop_the_poll(
    postgres: Postgres, postgres_template: str, clock: FakeClock
) -> None:
    store = open_store(postgres.new_database(like=postgres_template), START)
    try:
        (decision,) = Office(store, clock).receive(newsletter(200))
    finally:
        store.close()
    assert decision.outcome is Outcome.IGNORED


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": ("é" * 500, *(f"<{n}@x>" for n in range(1000)))},
        {"ext_id": "\U0001f600" * 500},
        {"subject": "s" * 1_000_000},
        {"to": tuple(f"{n}@x.test" for n in range(2000))},
        {"author": Party(WEIRD, WEIRD), "subject": WEIRD, "keys": (WEIRD,), "ext_id": WEIRD},
        {"attachments": (Attachment(0, WEIRD, WEIRD, 2**40),)},
        {"folds": ((0, 10**9),)},
        {"report": DeliveryReport(True, (WEIRD,) * 20, (WEIRD,) * 20, WEIRD, WEIRD * 1000)},
        {"report": DeliveryReport(True, (), (WEIRD,), WEIRD, WEIRD)},
        {"own_conversation": 10**18 - 1},
        {"outgoing": True, "to": ()},
        {"outgoing": True, "to": (WEIRD,), "author": Party("bea@desk.test", WEIRD)},
    ],
)
def test_a_hostile_message_is_stored_like_any_other(
    office: Office, changes: dict[str, object]
) -> None:
    hostile = message(1, START, **changes)
    office.receive(hostile, message(2))
    assert count(office.store, "message") == 2
    assert [d.outcome for d in office.receive(hostile)] == [Outcome.KNOWN]
    assert not list(office.store.archive.differences())


def test_a_stranger_who_names_all_our_ids_changes_nothing(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    name = f"<{office.platform.taken[-1].key}@desk.test>"
    before = office.conversation()
    forged = message(
        66, keys=("<66@evil.test>", name, "<1@customer.test>"), own_conversation=before.id,
        author=Party("evil@evil.test", CUSTOMER.name),
    )  # fmt: skip
    office.receive(forged)
    assert office.conversation(before.id) == before
    own = next(c for c in office.store.lists.page(EVERYTHING) if c.id != before.id)
    assert own.customer_address == "evil@evil.test"


def test_an_answer_goes_to_nobody_who_only_claimed_to_belong(office: Office) -> None:
    office.receive(message(1))
    office.receive(message(66, keys=("<66@evil.test>", "<1@customer.test>"), own_conversation=1))
    office.desk.reply(1, "ann", "a secret", seen=None)
    office.outbox.deliver()
    assert [taken.to for taken in office.platform.taken] == [CUSTOMER]


def test_a_machine_that_names_a_thread_is_no_participant_of_it(office: Office) -> None:
    office.receive(message(1))
    robot = Party("robot@evil.test")
    for number, automatic in ((66, "an automatic answer"), (67, "")):
        told = message(
            number, keys=(f"<{number}@evil.test>", "<1@customer.test>"), author=robot,
            automatic=automatic,
        )  # fmt: skip
        office.receive(told)
    office.desk.reply(1, "ann", "a secret", seen=None)
    office.outbox.deliver()
    assert [taken.to for taken in office.platform.taken] == [CUSTOMER]


def test_a_report_may_name_anybody_and_moves_one_answer_at_the_most(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    about = DeliveryReport(True, (), ("x@x.test", CUSTOMER.address, "y@y.test"))
    office.receive(message(66, automatic="a bounce", author=Party("evil@x.test"), report=about))
    there = office.conversation()
    assert (there.state, there.customer_address) == (State.WAITING, CUSTOMER.address)


def test_two_accounts_that_poll_the_same_mails_at_once_store_each_once(office: Office) -> None:
    mails = [message(number) for number in range(40)]
    office.store.accounts.ensure({"support": "email", "sales": "email"}, START)

    def poll(account: str) -> None:
        for start in range(0, len(mails), 4):
            take_in(office.store, mails[start : start + 4], START, account)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(poll, ["support", "sales"]))
    assert (count(office.store, "message"), count(office.store, "door")) == (40, 40)
    assert not list(office.store.archive.differences())


def bea_answers(number: int) -> IncomingMessage:
    """Bea's answer to that customer, with another program."""
    return message(
        100 + number, START + MINUTE, author=Party("bea@desk.test", "Bea"), outgoing=True,
        to=(f"customer{number}@customer.test",),
        keys=(f"<{100 + number}@desk.test>", f"<{number}@customer.test>"),
    )  # fmt: skip


def persists(act: Callable[[], object]) -> bool:
    """Whether it succeeds, tried again where it is refused as busy, as people and polls do."""
    for _ in range(20):
        try:
            act()
        except StoreError:
            continue
        except DeskError:
            return False  # a colleague was first
        return True
    return False


def answers_all(office: Office, who: str) -> None:
    """Claim, answer and take back, as fast as it goes."""
    for there in office.store.lists.page(EVERYTHING, 100):
        persists(partial(office.desk.claim, there.id, who))
        persists(partial(office.desk.reply, there.id, who, "x", seen=None))
        persists(partial(office.desk.undo, there.id, who))


def polls_all(office: Office) -> None:
    for number in range(24):
        persists(partial(take_in, office.store, [bea_answers(number)], START))


def sends_all(office: Office) -> None:
    for _ in range(10):
        persists(office.outbox.deliver)


def test_people_polls_and_senders_at_once_lose_nothing(office: Office) -> None:
    office.receive(*(message(number) for number in range(24)))
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(polls_all, office), pool.submit(sends_all, office)]
        jobs += [pool.submit(answers_all, office, who) for who in ("ann", "bob")]
    assert [job.result() for job in jobs] == [None] * 4
    office.outbox.deliver()
    assert count(office.store, "message") == 48 + len(office.platform.taken)
    assert not list(office.store.archive.differences())
    assert {c.state for c in office.store.lists.page(EVERYTHING, 100)} == {State.ANSWERED}


@pytest.mark.parametrize("letter", ["文", "é", "\U0001f600"])
def test_a_long_name_in_any_script_can_be_saved(tmp_path: Path, letter: str) -> None:
    assert save(tmp_path, letter * 200 + ".pdf", 1, b"x").suffix == ".pdf"


@pytest.mark.parametrize("name", ["-.bashrc", "~.ssh", "-~.profile"])
def test_no_name_becomes_a_hidden_one(name: str) -> None:
    assert not safe_name(name, 1).startswith(".")


def test_a_file_with_an_unreadable_name_can_be_sent(office: Office, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.txt")
    path.write_text("x")
    office.receive(message(1))
    answer = office.desk.reply(1, "ann", "see the file", seen=None, files=read([path]))
    office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT
