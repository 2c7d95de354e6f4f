"""Which mail belongs to which conversation, and through which door it came: on real servers."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.message import SendState, State
from tests.connectors.mail_office import (
    KNOWN,
    NEW,
    QUARANTINED,
    Office,
    opened,
    seconds,
)
from tests.connectors.mails import mail, read
from tests.replyby import COMMAND
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.postgres import Postgres

# Once is enough here: nothing in it depends on how the server keeps its mail.
pytestmark = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)

_HOUR, _TICK = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def office(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> Iterator[Office]:
    with opened(dovecot, exim, tmp_path) as office:
        yield office


def answered(office: Office, subject: str = "the invoice for March") -> str:
    """A question of the customer's was answered; the Message-ID of our answer."""
    office.asks("question", Subject=subject)
    office.poll()
    assert office.answer(office.only().id, "here you are").state is SendState.SENT
    office.poll()
    return str(read(office.sent()[-1])["Message-ID"])


def follows(office: Office, ours: str, subject: str, text: str = "one more thing") -> None:
    office.asks(text, Subject=subject, In_Reply_To=ours, References=ours)
    assert office.poll() == {NEW: 1}


# Subjects


@pytest.mark.parametrize(
    "subject",
    [
        "Re: the invoice for March",
        "AW: the invoice for March",
        "SV: Re: the invoice for March",
        "RE: [EXTERNAL] AW: the invoice for March",
        "Re[2]: the invoice  for March",
        "=?utf-8?b?5Zue5aSNOg==?= the invoice for March",
        "",
    ],
)
def test_an_answer_joins_however_its_subject_says_so(office: Office, subject: str) -> None:
    follows(office, answered(office), subject)
    assert office.only().state is State.WAITING
    assert office.texts(office.only().id) == ["question", "here you are", "one more thing"]


def test_a_new_subject_in_an_old_thread_is_a_conversation_linked_to_it(office: Office) -> None:
    follows(office, answered(office), "a complaint about the driver")
    old, new = office.all()
    assert (old.state, new.state) == (State.ANSWERED, State.WAITING)
    assert office.linked(new.id) == old.id
    assert new.subject == "a complaint about the driver"
    assert office.answer(new.id, "sorry").state is SendState.SENT
    assert office.states() == ["answered", "answered"]


def test_people_and_scripts_see_to_which_conversation_it_is_linked(office: Office) -> None:
    follows(office, answered(office), "a complaint about the driver")
    old, new = office.all()
    assert f"#{old.id}" in office.replyby("show", str(new.id))
    assert old.id in office.json("show", str(new.id)).values()


def test_a_late_reply_finds_its_conversation_after_weeks(office: Office) -> None:
    ours = answered(office)
    office.clock.forward(days=40)
    follows(office, ours, "Re: the invoice for March")
    there = office.only()
    assert (there.state, there.awaiting_since) == (State.WAITING, seconds(office.clock.now) - _TICK)


def test_a_late_reply_whose_references_were_lost_finds_it_by_our_signed_id(office: Office) -> None:
    ours = answered(office)
    office.clock.forward(days=40)
    office.asks("late", Subject="Re: the invoice for March", References=f"<x@y.test> {ours}")
    office.poll()
    assert office.only().state is State.WAITING


# Tagged addresses


@pytest.fixture
def tagging(office: Office) -> str:
    """The tagged address at which our answer asked for the customer's next mail."""
    office.configure(support="plus_addresses = true")
    answered(office)
    [got] = office.dovecot.wait_for_mails(office.customer)
    [asked_for] = read(got)["Reply-To"].addresses
    assert str(read(got)["From"].addresses[0].addr_spec) == office.address
    return str(asked_for.addr_spec)


def writes_to(office: Office, address: str, subject: str, sender: str = "") -> None:
    sender = sender or office.customer
    raw = mail("a fresh mail", sender, To=f"Acme <{address}>", Subject=subject)
    before = len(office.inbox())
    office.sends(office.customer, address, raw)
    office.dovecot.wait_for_mails(office.address, before + 1)
    assert office.poll() == {NEW: 1}


@pytest.mark.parametrize("subject", ["the invoice for March", ""])
def test_a_fresh_mail_to_the_tagged_address_joins(
    office: Office, tagging: str, subject: str
) -> None:
    writes_to(office, tagging, subject)
    assert office.only().state is State.WAITING
    assert office.texts(office.only().id)[-1] == "a fresh mail"


def test_a_fresh_mail_there_about_something_else_is_linked(office: Office, tagging: str) -> None:
    writes_to(office, tagging, "a complaint about the driver")
    old, new = office.all()
    assert (old.state, new.state) == (State.ANSWERED, State.WAITING)
    assert office.linked(new.id) == old.id


def test_a_strangers_mail_to_the_tagged_address_joins_nothing(office: Office, tagging: str) -> None:
    writes_to(office, tagging, "the invoice for March", "eve@customer.test")
    assert office.states() == ["answered", "waiting"]
    assert office.all()[1].customer_address == "eve@customer.test"


def test_a_forged_tag_joins_nothing(office: Office, tagging: str) -> None:
    user, _, domain = tagging.partition("@")
    forged = f"{user[:-1]}{'0' if user[-1] != '0' else '1'}@{domain}"
    writes_to(office, forged, "the invoice for March")
    assert office.linked(office.all()[1].id) is None


# Strangers, and ids that can't be relied on


def test_a_stranger_who_quotes_our_ids_joins_nothing(office: Office) -> None:
    ours = answered(office)
    office.arrives(mail("give it to me", "eve@elsewhere.test", Subject="Re: the invoice for March",
                        In_Reply_To=ours, References=ours))  # fmt: skip
    office.poll()
    old, new = office.all()
    assert (old.state, new.customer_address) == (State.ANSWERED, "eve@elsewhere.test")
    office.answer(new.id, "who are you?")
    assert len(office.dovecot.mailbox(office.customer)) == 1


def test_a_message_id_that_is_used_again_loses_nothing(office: Office) -> None:
    for text in ("one", "two", "two"):
        office.asks(text, Message_ID="<same@customer.test>", Subject="invoice", Date="now")
    assert office.poll() == {NEW: 2, KNOWN: 1}
    assert office.everything() == Counter(["one", "two"])
    office.asks("three", Message_ID="<same@customer.test>", Subject="invoice")
    assert office.poll() == {NEW: 1}
    assert office.everything() == Counter(["one", "two", "three"])


def test_mails_without_a_message_id_are_kept_and_answered(office: Office) -> None:
    for text in ("one", "two"):
        office.asks(text, Message_ID=None)
    assert office.poll() == {NEW: 2}
    office.dovecot.change_uidvalidity(office.address)
    assert office.poll() == {KNOWN: 2}
    assert office.everything() == Counter(["one", "two"])
    assert office.answer(office.all()[0].id, "yes").state is SendState.SENT
    [got] = office.dovecot.wait_for_mails(office.customer)
    assert read(got)["In-Reply-To"] is None
    ours = str(read(got)["Message-ID"])
    office.asks("thanks", Message_ID=None, Subject="Re: one", In_Reply_To=ours)
    office.poll()
    assert office.texts(1) == ["one", "yes", "thanks"]


# What can't be read


HOSTILE = {
    "no sender": b"Subject: nobody wrote this\r\n\r\nx\r\n",
    "no header": b"just words",
    "too deep": b"Content-Type: message/rfc822\r\n\r\n" * 3000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_mail_that_cannot_be_read_waits_with_its_source(office: Office, raw: bytes) -> None:
    office.asks("before")
    office.arrives(raw)
    arrived = seconds(office.clock.now)
    office.asks("after")
    assert office.poll() == {NEW: 2, QUARANTINED: 1}
    there = office.all()[1]
    assert (there.state, there.awaiting_since) == (State.WAITING, arrived)
    assert there.reply_by
    [message] = office.house.desk.open(there.id, "ann").messages
    assert office.house.store.lists.raw(message.id) == raw
    assert message.remark
    assert message.remark in office.replyby("show", str(there.id))
    assert len(office.json("list")) == 3
    office.replyby("no-reply", str(there.id), "--reason", "spam")
    assert office.poll() == {}


def test_what_names_nobody_can_not_be_answered_and_says_so(office: Office) -> None:
    office.arrives(HOSTILE["no sender"])
    office.poll()
    said = office.replyby("reply", str(office.only().id), "--text", "hm", "--wait", code=1)
    assert "names nobody who could be answered" in said
    assert office.only().state is State.WAITING


# One mail to two of our inboxes


NAMES = ("support", "sales")
SALES = 'windows = { email = "1h" }'


@pytest.fixture
def two(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> Iterator[Office]:
    with opened(dovecot, exim, tmp_path, NAMES, more={"sales": SALES}) as office:
        yield office


def to_both(office: Office) -> None:
    """One mail, and the server has it in both inboxes, each its own way."""
    raw = office.written("question", To=", ".join(office.addresses.values()))
    office.clock.forward(seconds=1)
    for address in office.addresses.values():
        way = f"Received: for {address}; Fri, 20 Nov 2026 08:00:00 +0000\r\n"
        office.dovecot.deliver(address, way.encode() + raw, office.clock.now)


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]], ids=["support first", "sales first"])
def test_one_mail_to_two_inboxes_is_one_item_due_at_the_earlier_time(
    two: Office, order: tuple[str, str]
) -> None:
    to_both(two)
    arrived = seconds(two.clock.now)
    assert [two.poll(name) for name in order] == [{NEW: 1}, {KNOWN: 1}]
    there = two.only()
    assert (there.account, there.reply_by) == (order[0], arrived + _HOUR)
    assert two.texts(there.id) == ["question"]
    assert [two.poll(name) for name in order] == [{}, {}]


@pytest.mark.parametrize("door", NAMES)
def test_the_reply_joins_through_either_door(two: Office, door: str) -> None:
    to_both(two)
    for name in NAMES:
        two.poll(name)
    assert two.answer(two.only().id, "here you are").state is SendState.SENT
    ours = str(read(two.dovecot.wait_for_mails(two.customer)[0])["Message-ID"])
    two.asks("thanks", door, Subject="Re: question", In_Reply_To=ours, References=ours)
    assert two.poll(door)[NEW] == 1
    assert two.only().state is State.WAITING
    assert two.texts(two.only().id) == ["question", "here you are", "thanks"]


@pytest.mark.parametrize("door", NAMES)
def test_a_colleagues_answer_through_either_door_ends_it(two: Office, door: str) -> None:
    to_both(two)
    for name in NAMES:
        two.poll(name)
    question = str(read(two.inbox()[0])["Message-ID"])
    two.arrives(two.beas("done", In_Reply_To=question), door, "Sent")
    assert two.poll(door) == {NEW: 1}
    assert two.only().state is State.ANSWERED
    assert [v.who for v in two.verdicts(two.only().id)] == ["Bea"]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, dovecot: Dovecot, exim: Exim, tmp_path: Path
) -> Iterator[Office]:
    """Two accounts on a database that several processes use."""
    url = "sqlite:///replyby.db"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(like=request.getfixturevalue("postgres_template"))
    with opened(dovecot, exim, tmp_path, NAMES, url, {"sales": SALES}) as office:
        office.clock.now = datetime.now(UTC) - _HOUR  # the processes have a clock of their own
        yield office


@pytest.mark.slow
def test_two_processes_that_poll_at_once_make_one_item_of_each(shared: Office) -> None:
    for _ in range(30):
        to_both(shared)
    processes = [
        subprocess.Popen(
            [*COMMAND, "poll", name], cwd=shared.folder, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"HOME": str(shared.folder)},
        )
        for name in NAMES
    ]  # fmt: skip
    said = "".join(process.communicate(timeout=60)[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert said.count("30 listed") == 2
    assert len(shared.all()) == 30
    assert shared.everything() == Counter({"question": 30})
    dues = {(c.reply_by or c.awaiting_since) - c.awaiting_since for c in shared.all()
            if c.awaiting_since}  # fmt: skip
    assert dues == {_HOUR}
