"""The e-mail channel against a mail provider: what is read, and what makes a message another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.decision import Outcome
from monitor.message import Party
from tests.connectors.contract import ConnectorContract
from tests.connectors.desk import SINCE, Desk
from tests.connectors.mail_platform import MailPlatform, only
from tests.connectors.mail_platform import desk as desk
from tests.connectors.mail_platform import mailbox as mailbox
from tests.connectors.mails import mail
from tests.connectors.platforms import Platform
from tests.fakes import START, FakeClock


class TestMailbox(ConnectorContract):
    """Everything that every channel has to prove."""

    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FakeClock) -> Iterator[Platform]:
        with ExitStack() as stack:
            yield MailPlatform(tmp_path, clock, stack)


# What is read


def test_the_servers_own_time_counts_and_not_the_senders_date(mailbox: MailPlatform) -> None:
    assert only(mailbox, mail("x", Date="Thu, 1 Jan 1970 00:00:00 +0000")).at == START


def test_reply_to_goes_before_from(mailbox: MailPlatform) -> None:
    message = only(mailbox, mail("x", "Mira <mira@customer.test>", Reply_To="<shop@customer.test>"))
    assert message.author == Party("shop@customer.test", "Mira")


def test_a_reply_to_without_an_address_is_passed_over(mailbox: MailPlatform) -> None:
    message = only(mailbox, mail("x", "Mira <mira@customer.test>", Reply_To="nobody"))
    assert message.author == Party("mira@customer.test", "Mira")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Gr\u00fc\u00dfe".encode(), "Gr\u00fc\u00dfe"),
        ("Gr\u00fc\u00dfe".encode("latin-1"), "Gr\u00fc\u00dfe"),
        (b"=?utf-8?b?R3LDvMOf?= =?utf-8?b?ZQ==?=", "Gr\u00fc\u00dfe"),
        (b"=?utf-8?q?split_=C3?= =?utf-8?q?=BC?=", "split \u00fc"),
        (b"=?gb2312?B?xOO6ww==?=", "\u4f60\u597d"),
        (b"two\r\n lines", "two lines"),
        (b"=?nonsense?q?kept?=", "kept"),
    ],
)
def test_subjects_are_read_however_they_are_written(
    mailbox: MailPlatform, subject: bytes, expected: str
) -> None:
    raw = mail("x", Subject="SUBJECT").replace(b"SUBJECT", subject)
    assert only(mailbox, raw).subject == expected


def test_several_folders_are_read_and_one_mail_in_two_of_them_is_one(
    mailbox: MailPlatform, tmp_path: Path
) -> None:
    twice = mail("in both")
    mailbox.deliver(mail("in the inbox"))
    mailbox.deliver(twice)
    mailbox.put_into("Junk", mail("in Junk"), twice)
    with Desk(tmp_path, lambda: mailbox.connect(folders=("INBOX", "Junk"))) as desk:
        assert desk.polled().outcomes[Outcome.KNOWN] == 1
        assert desk.texts() == Counter(["in the inbox", "in Junk", "in both"])
        mailbox.put_into("Junk", mail("later"))
        assert desk.polled().outcomes == Counter({Outcome.NEW: 1})


def test_the_total_counts_every_folder(mailbox: MailPlatform) -> None:
    mailbox.deliver(mail("in the inbox"))
    mailbox.put_into("Junk", mail("in Junk"))
    batches = list(mailbox.connect(folders=("INBOX", "Junk")).poll(None, START - SINCE))
    listed = 0
    for batch in batches:
        listed += batch.listed
        assert batch.total is None or batch.total >= listed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"just words",
        b"Subject: nobody wrote this\r\n\r\nx\r\n",
        b"From: <>\r\n\r\nx\r\n",
        b"From: (((((((\r\n\r\nx\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        bytes(range(256)) * 40,
    ],
    ids=["empty", "newline", "no header", "no sender", "empty sender", "broken", "deep", "bytes"],
)
def test_a_mail_that_cannot_be_read_is_kept_aside_and_holds_up_none(
    mailbox: MailPlatform, desk: Desk, raw: bytes
) -> None:
    mailbox.deliver(mail("before"))
    mailbox.deliver(raw)
    mailbox.deliver(mail("after"))
    assert desk.polled().outcomes == Counter({Outcome.NEW: 2, Outcome.QUARANTINED: 1})
    kept = [m for c in desk.conversations() for m in desk.store.lists.messages(c.id) if m.remark]
    assert [desk.store.lists.raw(m.id) for m in kept] == [raw]


def test_mails_within_mails_are_one_attachment_however_deep_they_go(mailbox: MailPlatform) -> None:
    deep = b"From: Mira <mira@customer.test>\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000
    message = only(mailbox, deep)
    assert message.author.address == "mira@customer.test"
    assert [file.type for file in message.attachments] == ["message/rfc822"]


def test_of_a_huge_mail_only_the_head_is_fetched(mailbox: MailPlatform) -> None:
    message = only(mailbox, mail("huge") + b"x" * 100 + b"y\r\n" * (11 * 1024 * 1024))
    assert message.subject == "huge"
    assert len(message.raw) == 1024 * 1024
    assert "only its beginning was fetched" in message.text[-200:]


# The same mail, and not the same


def test_a_message_id_used_again_for_another_mail_loses_neither(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.deliver(mail("one", Message_ID="<same@customer.test>"))
    mailbox.deliver(mail("two", Message_ID="<same@customer.test>"))
    desk.polled()
    assert desk.texts() == Counter(["one", "two"])


def test_mails_without_a_message_id_are_kept_apart(mailbox: MailPlatform, desk: Desk) -> None:
    mailbox.deliver(mail("one", Message_ID=None))
    mailbox.deliver(mail("two", Message_ID=None))
    desk.polled()
    desk.polled()
    assert desk.texts() == Counter(["one", "two"])


@pytest.mark.parametrize("kept", ["cursor", "[]", '{"INBOX": [1]}', '{"INBOX": ["a", null, 3]}'])
def test_a_cursor_that_cannot_be_understood_is_read_anew(
    mailbox: MailPlatform, desk: Desk, kept: str
) -> None:
    mailbox.deliver(mail("one"))
    desk.polled()
    with desk.store.database.write() as tx:
        tx.run("UPDATE poll SET cursor = :kept", {"kept": kept})
    mailbox.deliver(mail("two"))
    assert desk.polled().outcomes == Counter({Outcome.KNOWN: 1, Outcome.NEW: 1})
    assert desk.texts() == Counter(["one", "two"])


def test_one_mail_that_came_two_ways_is_one(mailbox: MailPlatform, desk: Desk) -> None:
    raw = mail("once")
    mailbox.deliver(b"Received: from a.example\r\n" + raw)
    mailbox.deliver(b"Received: from b.example\r\n" + raw)
    assert desk.polled().outcomes == Counter({Outcome.NEW: 1, Outcome.KNOWN: 1})
