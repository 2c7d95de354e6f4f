"""Mails in Sent that no person wrote as an answer, and mails from outside that pretend."""

from __future__ import annotations

from functools import partial

import pytest

from connectors.mailbox import message_ids
from connectors.mailbox.parsing import Ours, incoming, outgoing
from monitor.message import State
from monitor.store import Store
from tests.fakes import START, FakeClock, message
from tests.monitor.office import EVERYTHING, Office

KEY = b"k" * 32
OURS = Ours(
    "support@desk.test",
    partial(message_ids.conversation_of, KEY),
    partial(message_ids.conversation_of_address, KEY),
)
CUSTOMER = "customer1@customer.test"
RECEIPT = "multipart/report; report-type=disposition-notification; boundary=b"


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def mail(body: str = "hello", **fields: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", body, ""]).encode()


def answer(**fields: str) -> bytes:
    """A mail of the Sent folder that answers customer 1's message."""
    own = {
        "From": "Support <support@desk.test>", "To": CUSTOMER, "Subject": "Re: subject 1",
        "Date": "Fri, 20 Nov 2026 09:00:05 +0000", "Message_ID": "<s@desk.test>",
        "In_Reply_To": "<1@customer.test>",
    }  # fmt: skip
    return mail(**(own | fields))


def question(**fields: str) -> bytes:
    """Customer 1's first mail."""
    own = {
        "From": CUSTOMER, "To": "support@desk.test", "Subject": "subject 1",
        "Date": "Fri, 20 Nov 2026 09:00:00 +0000", "Message_ID": "<1@customer.test>",
    }  # fmt: skip
    return mail(**(own | fields))


def test_a_persons_mail_in_sent_ends_the_wait(office: Office) -> None:
    office.receive(message(1))
    office.receive(outgoing(answer(), START, OURS))
    assert office.conversation().state is State.ANSWERED


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied", "Subject": "Out of office: subject 1"},
        {"X_Autoreply": "yes", "Precedence": "bulk"},
        {"Content_Type": RECEIPT, "Subject": "Read: subject 1"},
    ],
)
def test_a_machines_mail_in_sent_does_not_end_the_wait(
    office: Office, fields: dict[str, str]
) -> None:
    office.receive(message(1))
    office.receive(outgoing(answer(**fields), START, OURS))
    assert office.conversation().state is State.WAITING


def test_a_copy_with_another_address_for_answers_is_another_mail() -> None:
    genuine = incoming(question(), START, OURS)
    forged = incoming(question(Reply_To="evil@evil.test"), START, OURS)
    assert forged.author.address == "evil@evil.test"
    assert genuine.ext_id != forged.ext_id


def test_an_answer_address_of_a_strangers_joins_nothing(office: Office) -> None:
    office.receive(message(1))
    forged = question(
        Message_ID="<2@evil.test>", In_Reply_To="<1@customer.test>", Reply_To="evil@evil.test"
    )
    office.receive(incoming(forged, START, OURS))
    addresses = sorted(c.customer_address for c in office.store.lists.page(EVERYTHING))
    assert addresses == [CUSTOMER, "evil@evil.test"]


@pytest.mark.parametrize("forged", ["0" * 20, "f" * 20])
def test_an_id_or_address_with_a_made_up_signature_proves_nothing(forged: str) -> None:
    named = f"<replyby.1.{'a' * 16}.{forged}@desk.test>"
    told = question(Message_ID=named, References=named, Cc=f"support+r1.{forged}@desk.test")
    seen = incoming(told, START, OURS)
    assert (seen.own_conversation, seen.ours) == (None, "")


def test_a_true_tag_in_a_strangers_mail_joins_nothing(office: Office) -> None:
    office.receive(message(1))
    tagged = message_ids.tagged(KEY, 1, "support@desk.test")
    told = mail(From="evil@evil.test", To=tagged, Message_ID="<9@evil.test>", Subject="subject 1")
    seen = incoming(told, START, OURS)
    assert seen.own_conversation == 1
    office.receive(seen)
    assert len(office.store.lists.messages(1)) == 1
