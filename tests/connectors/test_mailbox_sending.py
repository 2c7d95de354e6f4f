"""What our answers by mail look like, and which addresses and names they can have."""

from __future__ import annotations

import base64
import re
from email.message import EmailMessage

import pytest

from monitor.errors import Refused
from monitor.message import SendState
from tests.connectors.desk import Desk, HandOver, send
from tests.connectors.mail_platform import SECRET, MailPlatform, polled
from tests.connectors.mail_platform import desk as desk
from tests.connectors.mail_platform import mailbox as mailbox
from tests.connectors.mails import DESK, mail, read
from tests.connectors.nonsense import scripted, smtp_script
from tests.fakes import START


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
