"""Proof that the played mail platform behaves like one, and that its customers can be counted."""

from __future__ import annotations

import base64
import gc
import imaplib
import logging
import re
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from urllib.parse import urlsplit

import pytest

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.crowd_cast import CAST, STORIES
from connectors.sandbox.crowd_mail import MailPlace
from connectors.sandbox.mail import MailServer

US = "help@acme.example"
THEM = "mira@customers.example"
PASSWORD = 'open sesame ä "quoted\\'

ODD_MAILS = {
    "plain": b"Subject: x\r\n\r\nhello\r\n",
    "no final newline": b"Subject: x\r\n\r\nhello",
    "bare newlines": b"Subject: x\n\nhello\nworld\n",
    "header only": b"Subject: x\r\n",
    "header only without end": b"Subject: x",
    "no header": b"just\r\nwords\r\n",
    "blank line of spaces": b"Subject: x\r\n  \r\nhello\r\n",
    "every byte but nul": b"Subject: x\r\n\r\n" + bytes(range(1, 256)) * 9,
    "long line": b"Subject: x\r\n\r\n" + b"y" * 300_000 + b"\r\n",
    "long header": b"Subject: " + b"z" * 100_000 + b"\r\n\r\n.\r\n..\r\n",
    "broken multipart": b'Content-Type: multipart/mixed; boundary="b\r\n\r\n--b\r\n\r\nx\r\n',
    "raw 8-bit header": b"Subject: gr\xfc\xdfe \xe2\x82\xac\r\n\r\n\xff\xfe\r\n",
    "flood of newlines": b"\r\n" * 500,
}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        running.add_mailbox(US, PASSWORD)
        running.add_mailbox(THEM, "other")
        yield running


def port(url: str) -> int:
    found = urlsplit(url).port
    assert found
    return found


@contextmanager
def imap(server: MailServer, timeout: float = 5) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4("127.0.0.1", port(server.imap_url), timeout=timeout)
    try:
        client.authenticate("PLAIN", lambda _: f"\0{US}\0{PASSWORD}".encode())
        yield client
    finally:
        try:
            client.logout()
        except OSError:
            client.shutdown()


@contextmanager
def smtp(server: MailServer, login: str = THEM, password: str = "other") -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(
        "127.0.0.1", port(server.smtp_url), local_hostname="me.example", timeout=5
    ) as client:
        if login:
            client.login(login, password)
        yield client


def letter(number: int = 1) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = THEM, US
    mail["Subject"] = "Grüße – 注文"
    mail["Message-ID"] = f"<{number}@customers.example>"
    mail.set_content("Wo bleibt mein Päckchen?\n.\n..\n", cte="8bit")
    return mail


def fetched(client: imaplib.IMAP4, uids: str) -> list[tuple[str, bytes]]:
    kind, data = client.uid("FETCH", uids, "(UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[])")
    assert kind == "OK"
    return [(part[0].decode(), part[1]) for part in data if isinstance(part, tuple)]


def test_a_light_import() -> None:
    code = (
        "import sys, connectors.sandbox, connectors.sandbox.mail, connectors.sandbox.demo\n"
        "print([name for name in ('pymap', 'aiosmtpd', 'pysasl') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_urls_name_random_loopback_ports(server: MailServer) -> None:
    assert re.fullmatch(r"imap://127\.0\.0\.1:\d+", server.imap_url)
    assert re.fullmatch(r"smtp://127\.0\.0\.1:\d+", server.smtp_url)
    assert port(server.imap_url) != port(server.smtp_url)


def test_stop_is_quick_and_leaves_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    before = threading.active_count()
    server = MailServer()
    server.add_mailbox(US, PASSWORD)
    server.start()
    reader = imaplib.IMAP4("127.0.0.1", port(server.imap_url), timeout=5)
    writer = smtplib.SMTP("127.0.0.1", port(server.smtp_url), local_hostname="me", timeout=5)
    server.imap_hang = server.smtp_hang = True
    reader.send(b"a1 NOOP\r\n")
    writer.send("NOOP\r\n")
    time.sleep(0.1)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 1
    reader.shutdown()
    writer.close()
    assert threading.active_count() == before
    gc.collect()
    assert (caplog.text, capfd.readouterr()) == ("", ("", ""))


def test_mails_outlive_a_stop_and_a_new_start() -> None:
    server = MailServer()
    server.add_mailbox(US, PASSWORD)
    server.deliver(US, b"Subject: before\r\n\r\n")
    for _ in range(2):
        with server, imap(server) as client:
            assert client.select("INBOX", readonly=True)[1] == [b"1"]
    assert server.inbox(US) == [b"Subject: before\r\n\r\n"]


def test_misuse_is_an_error(server: MailServer) -> None:
    with pytest.raises(ValueError, match="exists"):
        server.add_mailbox(US.upper(), "x")
    with pytest.raises(KeyError):
        server.deliver("nobody@acme.example", b"x")
    with pytest.raises(KeyError):
        server.inbox(US, "Nowhere")
    with pytest.raises(RuntimeError, match="running"):
        server.start()
    with pytest.raises(ValueError, match="refusal"):
        server.smtp_fail_next(250, "fine")


def test_login_with_the_login_command(server: MailServer) -> None:
    client = imaplib.IMAP4("127.0.0.1", port(server.imap_url), timeout=5)
    assert client.login(THEM, "other")[0] == "OK"
    client.logout()
    client = imaplib.IMAP4("127.0.0.1", port(server.imap_url), timeout=5)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(THEM, "wrong")
    client.logout()


@pytest.mark.parametrize("name", ODD_MAILS)
def test_mails_come_back_byte_for_byte(server: MailServer, name: str) -> None:
    raw = ODD_MAILS[name]
    server.deliver(US, raw)
    assert server.inbox(US) == [raw]
    with imap(server) as client:
        client.select("INBOX", readonly=True)
        [(head, body)] = fetched(client, "1:*")
        assert body == raw
        assert f"RFC822.SIZE {len(raw)}" in head
        client.append("Sent", "", imaplib.Time2Internaldate(time.time()), raw)
    # imaplib itself turns every bare newline of an APPEND into CRLF.
    assert server.inbox(US, "Sent") == [re.sub(rb"\r\n|\r|\n", b"\r\n", raw)]


def test_the_same_mail_twice_is_two_mails(server: MailServer) -> None:
    for _ in range(2):
        server.deliver(US, ODD_MAILS["plain"])
    with imap(server) as client:
        client.select("INBOX", readonly=True)
        assert [body for _, body in fetched(client, "1:*")] == [ODD_MAILS["plain"]] * 2


def test_parts_copies_and_header_searches(server: MailServer) -> None:
    server.deliver(US, letter().as_bytes().replace(b"\n", b"\r\n"))
    with imap(server) as client:
        client.select("INBOX")
        assert client.uid("SEARCH", "HEADER", "Message-ID", "<1@customers.example>")[1] == [b"101"]
        [part, _] = client.uid("FETCH", "101", "(BODY.PEEK[HEADER.FIELDS (TO)])")[1]
        assert part[1] == b"To: help@acme.example\r\n\r\n"
        assert client.uid("COPY", "101", "Junk")[0] == "OK"
        client.uid("STORE", "101", "+FLAGS", r"(\Deleted)")
        client.expunge()
    assert server.inbox(US) == []
    assert server.inbox(US, "Junk") == [letter().as_bytes().replace(b"\n", b"\r\n")]


def test_folders_tell_their_use(server: MailServer) -> None:
    with imap(server) as client:
        assert "SPECIAL-USE" in client.capability()[1][0].decode()
        lines = [line.decode() for line in client.list()[1] if isinstance(line, bytes)]
    assert any(line.endswith("INBOX") for line in lines)
    assert [line for line in lines if r"\Sent" in line and line.endswith("Sent")]


def test_examine_status_and_search(server: MailServer) -> None:
    zone = timezone(timedelta(hours=9))
    server.deliver(US, b"Subject: old\r\n\r\n", datetime(2026, 1, 1, 12, tzinfo=UTC))
    server.deliver(US, b"Subject: new\r\n\r\n", datetime(2026, 3, 5, 8, 30, 1, tzinfo=zone))
    with imap(server) as client:
        status = client.status("INBOX", "(UIDVALIDITY UIDNEXT MESSAGES)")[1][0].decode()
        found = {key: int(value) for key, value in re.findall(r"([A-Z]+) (\d+)", status)}
        assert found["MESSAGES"] == 2
        assert client.select("INBOX", readonly=True) == ("OK", [b"2"])
        assert client.response("UIDVALIDITY")[1] == [str(found["UIDVALIDITY"]).encode()]
        assert client.response("READ-ONLY")[1] != [None]
        last = found["UIDNEXT"] - 1
        assert client.uid("SEARCH", "UID", f"{last}:*")[1] == [str(last).encode()]
        # A range that begins after the last mail still names the last mail.
        assert client.uid("SEARCH", "UID", f"{last + 1}:*")[1] == [str(last).encode()]
        assert client.uid("SEARCH", "SINCE", "1-Feb-2026")[1] == [str(last).encode()]
        [(head, _)] = fetched(client, f"{last}:{last + 100}")
        assert 'INTERNALDATE "04-Mar-2026 23:30:01 +0000"' in head
        assert r"\Seen" not in head
        server.deliver(US, b"Subject: live\r\n\r\n")
        client.noop()
        assert client.response("EXISTS")[1][-1] == b"3"
        assert client.uid("SEARCH", "UID", f"{last + 1}:*")[1] == [str(last + 1).encode()]


def test_the_switches_of_the_imap_side(server: MailServer) -> None:
    server.imap_refuse_login = True
    with pytest.raises(imaplib.IMAP4.error), imap(server):
        pass
    server.imap_refuse_login = False
    with imap(server, timeout=0.3) as client:
        server.imap_hang = True
        with pytest.raises(TimeoutError):
            client.noop()
        server.imap_hang = False
    with imap(server) as client:
        assert client.noop()[0] == "OK"


def test_submission_lands_once_with_its_trace(server: MailServer) -> None:
    with smtp(server) as client:
        assert client.has_extn("8bitmime")
        client.send_message(letter(), to_addrs=[US, US.upper()])
    assert server.delivered == [(US, "<1@customers.example>")]
    [raw] = server.inbox(US)
    trace, _, rest = raw.partition(b"From: ")
    assert trace.startswith(b"Return-Path: <mira@customers.example>\r\nReceived: from me.example")
    assert b"From: " + rest == letter().as_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
def test_both_ways_to_log_in(server: MailServer, way: str) -> None:
    with smtp(server, login="") as client:
        client.ehlo()
        client.user, client.password = THEM.title(), "other"
        code, _ = client.auth(way, client.auth_plain if way == "PLAIN" else client.auth_login)
        assert code == 235


def test_a_password_beyond_ascii_logs_in(server: MailServer) -> None:
    secret = base64.b64encode(f"\0{US}\0{PASSWORD}".encode()).decode()
    with smtp(server, login="") as client:
        client.ehlo()
        assert client.docmd("AUTH", f"PLAIN {secret}")[0] == 235


def test_strangers_may_not_submit(server: MailServer) -> None:
    with smtp(server, login="") as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.send_message(letter())
    assert refused.value.smtp_code == 530
    with pytest.raises(smtplib.SMTPAuthenticationError), smtp(server, password="wrong"):
        pass
    assert server.inbox(US) == []


def test_unknown_recipients_are_refused(server: MailServer) -> None:
    with smtp(server) as client:
        lost = client.send_message(letter(), to_addrs=["nobody@acme.example", US])
        assert lost["nobody@acme.example"][0] == 550
    assert server.delivered == [(US, "<1@customers.example>")]


def test_the_empty_sender_is_taken(server: MailServer) -> None:
    with smtp(server) as client:
        client.sendmail("", [US], b"Subject: away\r\n\r\nback on Monday\r\n")
    assert server.inbox(US)[0].startswith(b"Return-Path: <>\r\n")
    assert server.delivered == [(US, "")]


def test_refusals_on_order(server: MailServer) -> None:
    server.smtp_fail_next(451, "4.3.0 later", at="data-end")
    server.smtp_fail_next(452, "4.2.2 full")
    with smtp(server) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as full:
            client.send_message(letter())
        assert full.value.recipients[US] == (452, b"4.2.2 full")
        with pytest.raises(smtplib.SMTPDataError) as later:
            client.send_message(letter())
        assert (later.value.smtp_code, later.value.smtp_error) == (451, b"4.3.0 later")
        assert server.inbox(US) == []
        client.send_message(letter())
    assert len(server.inbox(US)) == 1


def test_a_cut_before_the_250_leaves_the_mail_delivered(server: MailServer) -> None:
    server.drop_after_data = True
    with pytest.raises(smtplib.SMTPServerDisconnected), smtp(server) as client:
        client.send_message(letter())
    assert len(server.inbox(US)) == 1
    with smtp(server) as client:
        client.send_message(letter())
    assert server.delivered == [(US, "<1@customers.example>")] * 2


def test_smtp_can_fall_silent(server: MailServer) -> None:
    server.smtp_hang = True
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        smtplib.SMTP("127.0.0.1", port(server.smtp_url), local_hostname="me", timeout=0.3)
    server.smtp_hang = False
    with smtp(server) as client:
        client.send_message(letter())
    assert len(server.inbox(US)) == 1


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=modern)
    assert isinstance(mail, EmailMessage)
    return mail


class Desk:
    """Answers each mail of our inbox once, as the help desk would."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.read = 0

    def answer(self, times: int = 1, to: str = "") -> list[str]:
        """Answer what is new; returns the Message-IDs of the answers."""
        mails = [read(raw) for raw in self.server.inbox(US, skip=self.read)]
        made = [self.reply(mail, self.read + at) for at, mail in enumerate(mails)]
        self.read += len(mails)
        with smtp(self.server, US, "x") as client:
            for reply in made * times:
                client.send_message(reply, to_addrs=[to] if to else None)
        return [str(reply["Message-ID"]) for reply in made]

    def reply(self, mail: EmailMessage, number: int) -> EmailMessage:
        reply = EmailMessage()
        reply["From"], reply["To"] = US, str(mail["From"])
        reply["Subject"] = f"Re: {mail['Subject']}".replace("Re: Re:", "Re:")
        reply["Date"] = "Sun, 01 Mar 2026 10:00:00 +0000"
        reply["Message-ID"] = f"<{'answer' * 14}{number}@acme.example>"
        reply["In-Reply-To"] = str(mail["Message-ID"])
        reply["References"] = f"{mail['References'] or ''} {mail['Message-ID']}".strip()
        reply.set_content("We are looking into it.\n\nYour desk")
        return reply


class Clock:
    """Seven seconds pass at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=7)
        return self.now


@pytest.fixture
def shop() -> Iterator[MailServer]:
    with MailServer() as running:
        running.add_mailbox(US, "x")
        yield running


def without_trace(raw: bytes) -> bytes:
    return raw[raw.index(b"\r\nFrom:") + 2 :]


def crowd_at(
    server: MailServer, seed: int = 1, pace: float = 1.0, clock: Clock | None = None
) -> Crowd:
    at = clock or Clock()
    return Crowd([MailPlace(server, US, seed, at)], seed, pace, clock=at)


def play(rounds: int, seed: int = 1) -> tuple[Crowd, list[bytes]]:
    with MailServer() as server:
        server.add_mailbox(US, "x")
        crowd, desk = crowd_at(server, seed), Desk(server)
        for _ in range(rounds):
            assert crowd.step()
            desk.answer()
        crowd.read_answers()
        return crowd, [without_trace(raw) for raw in server.inbox(US)]


def test_the_cast_is_varied() -> None:
    assert len({who.address for who in CAST}) == len(CAST) == 20
    assert len(STORIES) == 25
    assert {story.who for story in STORIES} == set(CAST)


@pytest.mark.slow
def test_a_crowd_is_the_same_for_the_same_seed() -> None:
    assert play(25)[1] == play(25)[1]
    assert play(25)[1] != play(25, seed=2)[1]


def test_unanswered_customers_tell_every_story_and_some_write_twice(shop: MailServer) -> None:
    crowd = crowd_at(shop)
    nudges = sum(bool(story.nudge) for story in STORIES)
    for _ in range(25 + nudges):
        crowd.step()
    mails = [read(raw) for raw in shop.inbox(US)]
    assert crowd.sent == sum(len(case.written) for case in crowd.cases) == len(mails) == 25 + nudges
    again = [mail for mail in mails if mail["In-Reply-To"]]
    assert len(again) >= nudges - 1
    ids = {str(mail["Message-ID"]) for mail in mails}
    assert all(mail["In-Reply-To"] in ids for mail in again)
    assert [mail for mail in mails if mail.get_content_type() == "text/html"]
    assert [part.get_filename() for mail in mails for part in mail.iter_attachments()]
    assert any("\x1b[2J" in mail["Subject"] and "[bold red]" in mail["Subject"] for mail in mails)


@pytest.mark.slow
def test_answers_are_written_back_to_in_the_thread() -> None:
    crowd, mails = play(120)
    parsed = [read(raw) for raw in mails]
    backs = [mail for mail in parsed if str(mail["In-Reply-To"]).startswith("<answer")]
    ids = {str(mail["Message-ID"]) for mail in parsed}
    assert 0.25 < len(backs) / len(crowd.received) < 0.5
    for mail in backs:
        assert re.search(r"^On .* wrote:\r?\n> We are looking", mail.get_content(), re.MULTILINE)
        assert str(mail["References"]).split()[0] in ids
        assert mail["In-Reply-To"] in str(mail["References"]).split()
        assert mail["Subject"].startswith("Re: ")
    assert max(len(case.written) for case in crowd.cases) == 3
    assert len(crowd.received) == 120
    assert (crowd.doubled(), crowd.misdirected(), crowd.strays) == ({}, [], [])


def test_doubled_and_misdirected_answers_are_told(shop: MailServer) -> None:
    crowd, desk = crowd_at(shop), Desk(shop)
    crowd.step()
    twice = desk.answer(times=2)
    crowd.step()
    wrong = next(who for who in CAST if who.name not in str(read(shop.inbox(US)[-1])["From"]))
    elsewhere = desk.answer(to=wrong.address)
    crowd.read_answers()
    assert crowd.doubled() == {twice[0]: 2}
    assert crowd.misdirected() == elsewhere


def test_a_quote_is_asked_of_sales_where_there_is_such_a_mailbox(shop: MailServer) -> None:
    shop.add_mailbox("sales@acme.example", "x")
    crowd = crowd_at(shop)
    for _ in range(30):
        crowd.step()
    [lead] = shop.inbox("sales@acme.example")
    assert read(lead)["To"] == "sales@acme.example"


def test_customers_try_again_with_the_same_mail(shop: MailServer) -> None:
    crowd = crowd_at(shop)
    shop.smtp_fail_next(451, "later", at="data-end")
    assert not crowd.step()
    shop.drop_after_data = 1
    assert not crowd.step()
    assert crowd.step()
    shop.smtp_fail_next(554, "never")
    assert not crowd.step()
    assert crowd.step()
    first, second, other = (without_trace(raw) for raw in shop.inbox(US))
    assert first == second != other
    assert (crowd.sent, crowd.failed) == (2, 3)


def test_a_crowd_of_its_own_accord(shop: MailServer) -> None:
    crowd = crowd_at(shop, pace=50)
    crowd.start()
    with pytest.raises(RuntimeError, match="already"):
        crowd.start()
    time.sleep(0.5)
    crowd.stop()
    taken = crowd.sent
    assert 5 <= taken <= 27
    time.sleep(0.1)
    assert crowd.sent == taken == len(shop.inbox(US))
