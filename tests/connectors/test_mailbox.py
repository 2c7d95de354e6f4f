"""The e-mail channel against a mail provider played inside this process."""

from __future__ import annotations

import base64
import imaplib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.mailbox import message_ids
from connectors.mailbox.channel import EmailChannel
from connectors.sandbox.mail import MailServer
from monitor.connector import Connector
from monitor.decision import Outcome
from monitor.errors import AuthError, ConnectorError, Refused, Unsure
from monitor.message import IncomingMessage, Party, SendState
from tests.connectors.contract import ConnectorContract
from tests.connectors.desk import SINCE, Desk, HandOver, send
from tests.connectors.mails import DESK, KEY, email_settings, mail, read, surroundings, written
from tests.connectors.nonsense import imap_script, scripted, smtp_script, usual
from tests.connectors.platforms import Fault, Got, Platform
from tests.fakes import START, FakeClock

SECRET = "s3cret of the desk"
NONSENSE = b"\x00\xff\xfe {99999} <html>503</html>\r\n"


class MailPlatform(Platform):
    """The sandbox's mail server, with a mailbox for each customer."""

    secrets = (SECRET,)

    def __init__(self, folder: Path, clock: FakeClock, stack: ExitStack) -> None:
        self._folder = folder
        self._clock = clock
        self._customers: list[str] = []
        self.server = stack.enter_context(MailServer())
        self.server.add_mailbox(DESK, SECRET)
        self._nonsense = stack.enter_context(scripted(NONSENSE, lambda line: NONSENSE * 3))
        self._talks_nonsense = False

    def connect(self, *, secret: str | None = None, **given: object) -> Connector:
        port = f"//127.0.0.1:{self._nonsense}"
        nonsense = {"imap": f"imap:{port}", "smtp": f"smtp:{port}"}
        urls = {"imap": self.server.imap_url, "smtp": self.server.smtp_url}
        where = nonsense if self._talks_nonsense else urls
        values = where | given
        right = SECRET if secret is None else secret
        settings = email_settings(self._folder, right, self.patience, **values)
        return EmailChannel().connect(settings, surroundings(self._clock))

    def customer_writes(self, text: str, at: datetime = START) -> None:
        address = f"customer{len(self._customers)}@customer.test"
        self._customers.append(address)
        self.server.add_mailbox(address, "x")
        self.deliver(mail(text, f"Customer <{address}>", Subject=f"About {text}"), at)

    def customer_answers(self, text: str, at: datetime) -> None:
        address, number = self.server.delivered[-1]
        [*_, last] = self.server.inbox(address)
        references = f"{read(last)['References']} {number}"
        self.deliver(
            mail(
                text,
                address,
                In_Reply_To=number,
                References=references,
                Subject=read(last)["Subject"],
            ),
            at,
        )

    def customers_got(self) -> list[Got]:
        asked = {m["Message-ID"]: m.get_content().strip() for m in map(read, self.inbox())}
        return [
            Got(written(raw), asked[read(raw)["In-Reply-To"]])
            for address in self._customers
            for raw in self.server.inbox(address)
        ]

    def cause(self, fault: Fault) -> None:
        if fault is Fault.DOWN:
            self.server.stop()
        elif fault is Fault.SILENT:
            self.server.imap_hang = self.server.smtp_hang = True
        elif fault is Fault.GARBAGE:
            self._talks_nonsense = True
        elif fault is Fault.CUT:
            self.server.drop_after_data = 1
        else:
            code = 550 if fault in (Fault.REFUSES, Fault.REFUSES_LATE) else 451
            late = fault in (Fault.REFUSES_LATE, Fault.BUSY_LATE)
            self.server.smtp_fail_next(code, "on order", at="data-end" if late else "rcpt")

    def mend(self) -> None:
        self.server.imap_hang = self.server.smtp_hang = self._talks_nonsense = False
        self.server.stop()
        self.server.start()

    def deliver(self, raw: bytes, at: datetime = START) -> None:
        """Lay a mail into the desk's inbox."""
        self.server.deliver(DESK, raw, at)

    def put_into(self, folder: str, *mails: bytes, at: datetime = START) -> None:
        """Lay mails into another folder of the desk's."""
        port = int(self.server.imap_url.rpartition(":")[2])
        with imaplib.IMAP4("127.0.0.1", port, timeout=10) as imap:
            imap.login(DESK, SECRET)
            for raw in mails:
                imap.append(folder, "", imaplib.Time2Internaldate(at), raw)

    def inbox(self) -> list[bytes]:
        """What lies in the desk's inbox."""
        return self.server.inbox(DESK)


@pytest.fixture
def mailbox(tmp_path: Path, clock: FakeClock) -> Iterator[MailPlatform]:
    with ExitStack() as stack:
        yield MailPlatform(tmp_path, clock, stack)


class TestMailbox(ConnectorContract):
    """Everything that every channel has to prove."""

    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FakeClock) -> Iterator[Platform]:
        with ExitStack() as stack:
            yield MailPlatform(tmp_path, clock, stack)


@pytest.fixture
def desk(mailbox: MailPlatform, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, mailbox.connect)
    yield desk
    desk.store.close()


def polled(platform: MailPlatform, **given: str) -> list[IncomingMessage]:
    """Everything that a first poll brings."""
    connector = platform.connect(**given)
    try:
        return [m for batch in connector.poll(None, START - SINCE) for m in batch.messages]
    finally:
        connector.close()


def only(platform: MailPlatform, raw: bytes) -> IncomingMessage:
    """How the one mail in the inbox comes in."""
    platform.deliver(raw)
    [message] = polled(platform)
    return message


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
    with two_folders(mailbox, tmp_path) as desk:
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


# What is not from a customer


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


# What is sent


def sent(mailbox: MailPlatform, desk: Desk, raw: bytes, text: str = "answer") -> EmailMessage:
    """Our answer to that mail, as customer@customer.test finds it."""
    return read(sent_raw(mailbox, desk, raw, text))


def sent_raw(mailbox: MailPlatform, desk: Desk, raw: bytes, text: str = "answer") -> bytes:
    """The same, byte for byte."""
    if not mailbox.server.knows("customer@customer.test"):
        mailbox.server.add_mailbox("customer@customer.test", "x")
    mailbox.deliver(raw)
    desk.polled()
    question = next(iter(desk.texts()))
    assert desk.send(question, text) is SendState.SENT
    [got] = mailbox.server.inbox("customer@customer.test")
    return got


@pytest.mark.parametrize("way", ["=?utf-8?b?{}?=", "=?utf-8?q?{}?="])
def test_nothing_a_customer_writes_becomes_a_header_of_ours(
    mailbox: MailPlatform, desk: Desk, way: str
) -> None:
    evil = "Hi\r\nBcc: victim@customer.test\r\n\r\nbody"
    word = base64.b64encode(evil.encode()).decode() if "?b?" in way else quopri_word(evil)
    hostile = way.format(word)
    raw = mail("question", f"{hostile} <customer@customer.test>", Subject=hostile)
    got = sent(mailbox, desk, raw)
    assert got["Bcc"] is None
    assert "answer" in got.get_content()
    assert [a.addr_spec for a in got["To"].addresses] == ["customer@customer.test"]


def quopri_word(text: str) -> str:
    return "".join(f"={ord(char):02X}" for char in text)


def test_a_name_full_of_commas_and_quotes_is_one_recipient(
    mailbox: MailPlatform, desk: Desk
) -> None:
    name = base64.b64encode('Mira "M" <m@x.test>, Otto; (x) \u00e4'.encode()).decode()
    got = sent(mailbox, desk, mail("question", f"=?utf-8?b?{name}?= <customer@customer.test>"))
    assert [a.addr_spec for a in got["To"].addresses] == ["customer@customer.test"]
    assert got["To"].addresses[0].display_name == 'Mira "M" <m@x.test>, Otto; (x) \u00e4'


def test_long_references_arrive_whole(mailbox: MailPlatform, desk: Desk) -> None:
    ids = [f"<{'long' * 40}{n}@customer.test>" for n in range(12)]
    raw = mail("q", "customer@customer.test", Message_ID=ids[-1],
               References="\r\n ".join(ids[:-1]))  # fmt: skip
    got = sent_raw(mailbox, desk, raw).decode()
    # Not through a parser, which would mend what others can't read.
    lines = re.findall(r"(?m)^References: (.*\r\n(?: .*\r\n)*)", got)
    assert [line.split() for line in lines] == [ids]
    assert f"In-Reply-To: {ids[-1]}\r\n" in got


def test_a_thread_of_hundreds_keeps_its_first_and_its_last(
    mailbox: MailPlatform, desk: Desk
) -> None:
    ids = [f"<{n}@customer.test>" for n in range(300)]
    raw = mail("q", "customer@customer.test", Message_ID=ids[-1],
               References="\r\n ".join(ids[:-1]))  # fmt: skip
    kept = sent(mailbox, desk, raw)["References"].split()
    assert (kept[0], kept[-1]) == (ids[0], ids[-1])


def test_an_overlong_message_id_is_answered_as_it_is(mailbox: MailPlatform, desk: Desk) -> None:
    long = f"<{'l' * 700}@customer.test>"
    got = sent(mailbox, desk, mail("question", "customer@customer.test", Message_ID=long))
    assert got["In-Reply-To"] == long


def test_no_line_of_an_answer_is_too_long_for_smtp(mailbox: MailPlatform, desk: Desk) -> None:
    text = "\u00e4" * 5000
    raw = mail("s" * 3000, "customer@customer.test")
    got = sent(mailbox, desk, raw, text)
    assert text in got.get_content()


def test_a_subject_is_answered_with_one_re(mailbox: MailPlatform, desk: Desk) -> None:
    raw = mail("question", "customer@customer.test", Subject="Re: Gr\u00fc\u00dfe \U0001f600")
    assert sent(mailbox, desk, raw)["Subject"] == "Re: Gr\u00fc\u00dfe \U0001f600"


def test_the_copy_in_sent_is_what_was_sent(mailbox: MailPlatform, desk: Desk) -> None:
    got = sent(mailbox, desk, mail("question", "customer@customer.test"))
    [copy] = mailbox.server.inbox(DESK, "Sent")
    assert read(copy)["Message-ID"] == got["Message-ID"]
    assert read(copy).get_content() == got.get_content()


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.deliver(mail("question", "J\u00f6rg <j\u00f6rg@customer.test>"))
    desk.polled()
    assert desk.of("question").customer_address == "j\u00f6rg@customer.test"
    assert desk.send("question", "answer") is SendState.FAILED


def test_a_server_that_can_is_given_an_address_beyond_ascii_as_it_is(
    mailbox: MailPlatform, desk: Desk
) -> None:
    heard: list[bytes] = []
    with scripted(b"220 hi\r\n", smtp_script(heard)) as port:
        mailbox.deliver(mail("question", "J\u00f6rg <j\u00f6rg@m\u00fcller.test>"))
        desk.polled()
        connector = mailbox.connect(smtp=f"smtp://127.0.0.1:{port}")
        send(connector, desk.reply("question", "answer"), HandOver())
    [recipient] = [line for line in heard if line.lower().startswith(b"rcpt")]
    [to] = [line for line in heard if line.startswith(b"To:")]
    assert "<j\u00f6rg@m\u00fcller.test>" in recipient.decode()
    assert "j\u00f6rg@m\u00fcller.test" in to.decode()


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        ("h\u00e4lp@desk.test", "<h\u00e4lp@desk.test>"),
        ("help@m\u00fc.test", "<help@xn--m-eha.test>"),
    ],
)
def test_an_account_whose_own_address_is_beyond_ascii_can_answer(
    mailbox: MailPlatform, desk: Desk, ours: str, said: str
) -> None:
    heard: list[bytes] = []
    with scripted(b"220 hi\r\n", smtp_script(heard)) as port:
        mailbox.customer_writes("question")
        desk.polled()
        connector = mailbox.connect(smtp=f"smtp://127.0.0.1:{port}", address=ours)
        send(connector, desk.reply("question", "answer"), HandOver())
    [sender] = [line.decode() for line in heard if line.lower().startswith(b"mail ")]
    [writer] = [line.decode() for line in heard if line.startswith(b"From:")]
    assert said in sender
    assert said in writer
    assert ("SMTPUTF8" in sender) == (not said.isascii())


def test_a_server_that_takes_no_such_address_of_ours_is_a_refusal(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.customer_writes("question 0")
    desk.polled()
    reply, hand_over, script = desk.reply("question 0", "answer"), HandOver(), smtp_script([])
    plain = scripted(b"220 hi\r\n", lambda line: script(line).replace(b"SMTPUTF8", b"HELP"))
    with plain as port:
        connector = mailbox.connect(smtp=f"smtp://127.0.0.1:{port}", address="h\u00e4lp@desk.test")
        with pytest.raises(Refused, match="SMTPUTF8"):
            send(connector, reply, hand_over)
    assert hand_over.told == []


def test_a_domain_beyond_ascii_needs_no_special_server(mailbox: MailPlatform, desk: Desk) -> None:
    mailbox.server.add_mailbox("otto@xn--mller-kva.test", "x")
    mailbox.deliver(mail("question", "otto@m\u00fcller.test"))
    desk.polled()
    assert desk.send("question", "answer") is SendState.SENT


def test_a_password_beyond_ascii_signs_in_for_reading_and_for_sending(
    mailbox: MailPlatform, desk: Desk
) -> None:
    mailbox.server.add_mailbox("other@desk.test", "s\u00e4kret")
    mailbox.customer_writes("question 0")
    desk.polled()
    connector = mailbox.connect(secret="s\u00e4kret", username="other@desk.test")
    list(connector.poll(None, START))
    send(connector, desk.reply("question 0", "answer"), HandOver())
    assert [got.text for got in mailbox.customers_got()] == ["answer"]


def test_a_user_name_with_a_space_signs_in(mailbox: MailPlatform) -> None:
    mailbox.server.add_mailbox("front desk", SECRET)
    assert polled(mailbox, username="front desk") == []


# Servers that do not do as they should


@pytest.mark.parametrize("answer", [b"blah\r\n", b"299 what?\r\n", b"399 go on\r\n"])
def test_an_answer_that_means_nothing_after_the_hand_over_is_unsure(
    mailbox: MailPlatform, desk: Desk, answer: bytes
) -> None:
    mailbox.customer_writes("question 0")
    desk.polled()
    with scripted(b"220 hi\r\n", smtp_script([], at_the_end=answer)) as port:
        connector = mailbox.connect(smtp=f"smtp://127.0.0.1:{port}")
        with pytest.raises(Unsure):
            send(connector, desk.reply("question 0", "answer"), HandOver())


def test_a_size_beyond_all_memory_is_an_error_of_the_server(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % (10**30) if b"BODY.PEEK" in command else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError):
        list(connector.poll(None, START - SINCE))


def test_a_mail_that_the_server_lists_and_does_not_describe_is_not_passed_over(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return tag.encode() + b" OK done\r\n" if b"RFC822.SIZE" in command else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError):
        list(connector.poll(None, START - SINCE))


def test_a_mail_that_the_server_lists_and_does_not_deliver_is_not_passed_over(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return tag.encode() + b" OK done\r\n" if b"BODY.PEEK" in command else None

    with (
        imap_server(mailbox, extra) as connector,
        pytest.raises(ConnectorError, match="does not deliver"),
    ):
        list(connector.poll(None, START - SINCE))


@pytest.mark.parametrize(
    "code",
    [
        "UNAVAILABLE",
        "INUSE",
        "LIMIT",
    ],
)
def test_a_login_refused_for_now_is_no_wrong_password(mailbox: MailPlatform, code: str) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        refusal = f"{tag} NO [{code}] Too many connections\r\n".encode()
        return refusal if command.startswith(b"LOGIN") else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError) as caught:
        list(connector.poll(None, START - SINCE))
    assert not isinstance(caught.value, AuthError)


def test_a_password_beyond_ascii_that_the_server_cannot_take_is_signed_out(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        bare = b"* CAPABILITY IMAP4rev1\r\n" + tag.encode() + b" OK done\r\n"
        return bare if command == b"CAPABILITY" else None

    with imap_server(mailbox, extra, secret="s\u00e4kret") as connector, pytest.raises(AuthError):
        list(connector.poll(None, START - SINCE))


@pytest.mark.parametrize("nothing", [b'""', b"NIL"])
def test_an_empty_mail_that_comes_as_no_literal_holds_nothing_up(
    mailbox: MailPlatform, nothing: bytes
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        fetched = b"* 1 FETCH (UID 1 BODY[] %s)\r\n%s OK done\r\n" % (nothing, tag.encode())
        return fetched if b"BODY.PEEK" in command else None

    with imap_server(mailbox, extra) as connector:
        batches = list(connector.poll(None, START - SINCE))
    assert sum(len(batch.messages) for batch in batches) == 1


def test_unasked_news_among_the_answers_disturbs_nothing(mailbox: MailPlatform) -> None:
    news = b"* 2 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 3 EXPUNGE\r\n"

    def extra(tag: str, command: bytes) -> bytes | None:
        return news + usual(tag, command) + b"" if command.startswith(b"UID") else None

    with imap_server(mailbox, extra) as connector:
        batches = list(connector.poll(None, START - SINCE))
    assert [m.text for batch in batches for m in batch.messages] == ["hello"]


@contextmanager
def imap_server(
    mailbox: MailPlatform,
    extra: Callable[[str, bytes], bytes | None],
    secret: str | None = None,
) -> Iterator[Connector]:
    """A connector to a server that behaves but for what `extra` says."""
    with scripted(b"* OK hi\r\n", imap_script(extra)) as port:
        connector = mailbox.connect(imap=f"imap://127.0.0.1:{port}", secret=secret)
        yield connector
        connector.close()


@contextmanager
def two_folders(mailbox: MailPlatform, folder: Path) -> Iterator[Desk]:
    desk = Desk(folder, lambda: mailbox.connect(folders=("INBOX", "Junk")))
    yield desk
    desk.store.close()


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
