"""To which conversation a mail belongs: answers, machines, references, forged and real."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.mailbox import message_ids
from monitor.decision import Outcome
from monitor.message import SendState
from tests.connectors.desk import Desk
from tests.connectors.mail_platform import MailPlatform
from tests.connectors.mail_platform import desk as desk
from tests.connectors.mail_platform import mailbox as mailbox
from tests.connectors.mails import KEY, mail

WITH_OUR_COPY = Counter({Outcome.IGNORED: 1, Outcome.KNOWN: 1})
"""A mail from a machine, and our own copy in the folder for sent mail."""


def answered(mailbox: MailPlatform, desk: Desk) -> str:
    """A question of customer0's, answered; our Message-ID."""
    mailbox.customer_writes("question 0")
    desk.polled()
    assert desk.send("question 0", "answer") is SendState.SENT
    return mailbox.server.delivered[-1][1]


def test_our_own_answer_in_the_inbox_is_known_as_ours(mailbox: MailPlatform, desk: Desk) -> None:
    answered(mailbox, desk)
    [ours] = mailbox.server.inbox("customer0@customer.test")
    mailbox.deliver(ours)
    desk.clock.forward(minutes=1)
    assert desk.polled().outcomes == WITH_OUR_COPY
    assert [c.state.label for c in desk.conversations()] == ["answered"]


def test_an_automatic_answer_is_attached_and_starts_no_clock(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ours = answered(mailbox, desk)
    mailbox.deliver(
        mail("I am away", "mira@elsewhere.test", In_Reply_To=ours, Auto_Submitted="auto-replied")
    )
    assert desk.polled().outcomes == WITH_OUR_COPY
    [conversation] = desk.conversations()
    assert conversation.state.label == "answered"
    assert desk.of("I am away") == conversation


def test_a_bounce_brings_the_conversation_back_with_its_old_deadline(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.customer_writes("question 0")
    desk.polled()
    due = desk.of("question 0").reply_by
    assert desk.send("question 0", "answer") is SendState.SENT
    ours = mailbox.server.delivered[-1][1]
    report = mail("lost", "MAILER-DAEMON@customer.test", References=ours).replace(
        b"text/plain; charset=utf-8", b"multipart/report; boundary=b"
    )
    mailbox.deliver(report)
    assert desk.polled().outcomes == WITH_OUR_COPY
    [there] = desk.conversations()
    assert (there.state.label, there.send_state) == ("waiting", "bounced")
    assert there.reply_by == due


def test_an_automatic_mail_lets_no_stranger_into_the_conversation(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ours = answered(mailbox, desk)
    stranger = "stranger@elsewhere.test"
    mailbox.deliver(mail("auto", stranger, In_Reply_To=ours, Auto_Submitted="auto-replied"))
    desk.polled()
    mailbox.deliver(mail("what did you tell Mira?", stranger, In_Reply_To=ours))
    desk.polled()
    assert desk.of("what did you tell Mira?").id != desk.of("question 0").id


def test_a_copy_that_the_provider_gave_an_id_of_its_own_is_known_as_ours(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ours = answered(mailbox, desk)
    [copy] = mailbox.server.inbox("customer0@customer.test")
    renamed = copy.replace(f"Message-ID: {ours}".encode(), b"Message-ID: <own@provider.test>")
    assert renamed != copy
    mailbox.deliver(renamed)
    assert desk.polled().outcomes == WITH_OUR_COPY
    assert [c.state.label for c in desk.conversations()] == ["answered"]


# Threads


def test_references_alone_find_the_thread(mailbox: MailPlatform, desk: Desk) -> None:
    mailbox.deliver(mail("first", Message_ID="<first@customer.test>"))
    mailbox.deliver(
        mail(
            "again",
            Subject="Re: first",
            References="<lost@customer.test>\r\n <first@customer.test>",
        )
    )
    desk.polled()
    assert desk.of("first") == desk.of("again")


def test_the_subject_alone_makes_no_thread(mailbox: MailPlatform, desk: Desk) -> None:
    mailbox.deliver(mail("first", Subject="My order"))
    mailbox.deliver(mail("again", Subject="Re: My order"))
    desk.polled()
    assert desk.of("first").id != desk.of("again").id


def test_our_signed_id_leads_back_even_where_the_rest_was_lost(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ours = message_ids.make(KEY, 1, "0" * 16, "desk.test")
    mailbox.deliver(mail("first"))
    desk.polled()
    mailbox.deliver(mail("again", Subject="Re: first", In_Reply_To=ours))
    desk.polled()
    assert desk.of("first") == desk.of("again")


@pytest.mark.parametrize(
    "claim",
    [
        message_ids.make(b"another key", 1, "0" * 16, "desk.test"),
        message_ids.make(KEY, 2, "0" * 16, "desk.test").replace(".2.", ".1."),
        "<replyby.1.0000000000000000.00000000000000000000@desk.test>",
    ],
    ids=["another key", "another number", "no signature"],
)
def test_a_forged_id_proves_nothing(mailbox: MailPlatform, desk: Desk, claim: str) -> None:
    mailbox.deliver(mail("first"))
    desk.polled()
    mailbox.deliver(mail("again", In_Reply_To=claim))
    mailbox.deliver(mail("as ours", Message_ID=claim))
    assert desk.polled().outcomes == Counter({Outcome.NEW: 2})
    assert desk.of("first").id not in (desk.of("again").id, desk.of("as ours").id)


def test_a_third_person_in_the_thread_gets_a_conversation_that_is_linked(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ours = answered(mailbox, desk)
    mailbox.deliver(mail("me too", "Otto <otto@customer.test>", In_Reply_To=ours, Cc="x@y.test"))
    desk.polled()
    assert desk.of("me too").id != desk.of("question 0").id
    assert linked(desk, "me too") == desk.of("question 0").id


def test_the_link_is_there_too_where_both_come_with_one_batch(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.deliver(mail("first", Message_ID="<first@customer.test>"))
    mailbox.deliver(mail("me too", "otto@customer.test", In_Reply_To="<first@customer.test>"))
    desk.polled()
    assert linked(desk, "me too") == desk.of("first").id


def linked(desk: Desk, text: str) -> int | None:
    """The conversation that the one of that text was linked to when it was opened."""
    events = desk.store.archive.events(desk.of(text).id)
    link: int | None = events[0].changes["linked_id"]
    return link
