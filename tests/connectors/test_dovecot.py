"""The e-mail channel against a real Dovecot, on both of its ways of keeping mail."""

from __future__ import annotations

import imaplib
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.sandbox.mail import MailServer
from monitor.cli.operate import poll_all
from monitor.connector import BATCH_MOST, Connector
from monitor.decision import Outcome
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage, SendState
from monitor.outbox import Outbox
from monitor.wiring import House, read_config
from tests.connectors.desk import SINCE, Desk
from tests.connectors.mails import email_settings, mail, read, surroundings
from tests.connectors.platforms import PATIENCE, SHORT
from tests.fakes import START, FakeClock
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot

SECRET = "s3cret-of-the-desk"
_numbers = itertools.count(1)


@dataclass
class Box:
    """A mailbox of this test's own."""

    server: Dovecot
    folder: Path
    address: str
    clock: FakeClock
    smtp: str = "smtp://127.0.0.1:9"
    patience: float = PATIENCE

    def connect(self, ca: Path | None = None, **given: object) -> Connector:
        """A connector over TLS, verified by the tests' own authority unless another is given."""
        values: dict[str, object] = {
            "address": self.address,
            "imap": f"imaps://localhost:{self.server.imaps_port}",
            "smtp": self.smtp,
            "ca": str(ca or self.server.certificates.ca),
        }
        settings = email_settings(self.folder, SECRET, self.patience, **(values | given))
        return EmailChannel().connect(settings, surroundings(self.clock))

    def put(self, text: str, at: datetime = START, folder: str = "INBOX", *flags: str) -> int:
        """Lay a mail of that text into a folder; its UID."""
        return self.server.deliver(self.address, mail(text), at, folder=folder, flags=flags)


@pytest.fixture
def box(dovecot: Dovecot, tmp_path: Path, clock: FakeClock) -> Box:
    address = f"desk{next(_numbers)}@desk.test"
    dovecot.add_user(address, SECRET)
    return Box(dovecot, tmp_path, address, clock)


@pytest.fixture
def desk(box: Box, tmp_path: Path) -> Iterator[Desk]:
    with desk_at(box, tmp_path) as desk:
        yield desk


@contextmanager
def desk_at(box: Box, folder: Path, **given: object) -> Iterator[Desk]:
    with Desk(folder, lambda: box.connect(**given)) as desk:  # type: ignore[arg-type] # by name
        yield desk


def polled(connector: Connector) -> list[IncomingMessage]:
    """Everything that a first poll brings."""
    try:
        return [m for batch in connector.poll(None, START - SINCE) for m in batch.messages]
    finally:
        connector.close()


@contextmanager
def another_client(box: Box) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", box.server.imap_port, timeout=10) as imap:
        imap.login(box.address, SECRET)
        yield imap


# The way there


def test_tls_from_the_start_with_an_authority_of_our_own(box: Box) -> None:
    box.put("hello")
    assert [m.text for m in polled(box.connect())] == ["hello"]


def test_starttls_with_an_authority_of_our_own(box: Box) -> None:
    box.put("hello")
    url = f"imap://localhost:{box.server.imap_port}"
    assert [m.text for m in polled(box.connect(imap=url))] == ["hello"]


@pytest.fixture(scope="session")
def other_ca(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Path:
    return make_certificates(tmp_path_factory.mktemp("other")).ca


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_a_server_of_another_authority_is_not_trusted(
    box: Box, scheme: str, other_ca: Path
) -> None:
    port = box.server.imap_port if scheme == "imap" else box.server.imaps_port
    with pytest.raises(ConnectorError, match=r"localhost:\d+ can't be trusted: .*certif") as caught:
        polled(box.connect(other_ca, imap=f"{scheme}://localhost:{port}"))
    assert "`ca`" in caught.value.remedy


def test_a_missing_authority_file_is_said(box: Box, tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match=r"nowhere\.pem can't be used"):
        polled(box.connect(tmp_path / "nowhere.pem"))


# Nothing is touched


def test_reading_leaves_no_trace(box: Box, desk: Desk) -> None:
    box.put("unread")
    box.put("read", START, "INBOX", r"\Seen", r"\Flagged")
    with another_client(box) as imap:
        imap.select("INBOX")
    before = box.server.flags(box.address), box.server.mailbox(box.address)
    desk.polled()
    desk.polled()
    assert (box.server.flags(box.address), box.server.mailbox(box.address)) == before
    assert desk.texts() == Counter(["unread", "read"])


def test_what_others_have_read_or_seen_first_is_found_too(box: Box, desk: Desk) -> None:
    box.put("read by somebody", START, "INBOX", r"\Seen", r"\Answered")
    with another_client(box) as imap:
        imap.select("INBOX")
        assert imap.recent()[1] is not None
    desk.polled()
    assert desk.texts() == Counter(["read by somebody"])


def test_a_poll_takes_recent_from_nobody(box: Box, desk: Desk) -> None:
    box.put("hello")
    desk.polled()
    with another_client(box) as imap:
        imap.select("INBOX")
        assert imap.recent() == ("OK", [b"1"])


# Nothing is lost or doubled


def test_hundreds_of_mails_come_in_small_batches(box: Box, desk: Desk) -> None:
    texts = [f"mail {n}" for n in range(300)]
    fill(box, texts)
    sizes = [len(b.messages) for b in box.connect().poll(None, START - SINCE)]
    assert max(sizes) <= BATCH_MOST
    assert sum(sizes) == 300
    desk.poll(kill_after=1)
    desk.polled()
    assert desk.texts() == Counter(texts)


def fill(box: Box, texts: list[str]) -> None:
    with another_client(box) as imap:
        for text in texts:
            imap.append("INBOX", "", imaplib.Time2Internaldate(START), mail(text))


def test_another_uidvalidity_reads_again_and_doubles_nothing(box: Box, desk: Desk) -> None:
    box.put("one")
    box.put("two")
    desk.polled()
    box.server.change_uidvalidity(box.address)
    box.put("three")
    done = desk.polled()
    assert done.outcomes == Counter({Outcome.KNOWN: 2, Outcome.NEW: 1})
    assert desk.texts() == Counter(["one", "two", "three"])
    box.put("four")
    assert desk.polled().outcomes == Counter({Outcome.NEW: 1})


def test_another_uidvalidity_after_a_long_silence_loses_nothing(box: Box, desk: Desk) -> None:
    box.put("one")
    desk.polled()
    box.put("while nobody polled", START + timedelta(hours=1))
    box.server.change_uidvalidity(box.address)
    desk.clock.forward(days=30)
    desk.polled()
    assert desk.texts() == Counter(["one", "while nobody polled"])


def test_after_an_empty_first_poll_nothing_is_too_old(box: Box, desk: Desk) -> None:
    desk.polled()
    box.put("while nobody polled", START + timedelta(hours=1))
    desk.clock.forward(days=30)
    desk.polled()
    assert desk.texts() == Counter(["while nobody polled"])


def test_mails_that_others_delete_meanwhile_hold_nothing_up(box: Box, desk: Desk) -> None:
    far = 5 * BATCH_MOST  # beyond what may be on its way already
    fill(box, [f"mail {n}" for n in range(far + 20)])
    steps = box.connect().poll(None, START - SINCE)
    assert len(next(steps).messages) == BATCH_MOST
    with another_client(box) as imap:
        imap.select("INBOX")
        imap.uid("STORE", f"{far + 1}:{far + 5}", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    rest = [m.text for batch in steps for m in batch.messages]
    assert rest[-16:] == [f"mail {n}" for n in (far - 1, *range(far + 5, far + 20))]


@pytest.mark.parametrize("raw", [b"\r\n", b"no header", b"Subject: x\r\n", b"a\0b\r\n\r\nc\0d\r\n"])
def test_odd_mails_hold_nothing_up(box: Box, desk: Desk, raw: bytes) -> None:
    box.server.deliver(box.address, raw, START)
    box.put("after it")
    desk.polled()
    assert "after it" in desk.texts()


# Folders


@pytest.mark.parametrize("name", ["Gr\u00fc\u00dfe \u00fc", "\u6ce8\u6587", "two words", 'quo"te'])
def test_a_folder_of_any_name_is_read(box: Box, tmp_path: Path, name: str) -> None:
    make_folder(box, name)
    with desk_at(box, tmp_path, folders=(name,)) as desk:
        desk.polled()
        assert desk.texts() == Counter(["in the folder"])


def test_a_folder_with_an_ampersand_is_read(box: Box, tmp_path: Path) -> None:
    make_folder(box, "R&D")
    with desk_at(box, tmp_path, folders=("R&D",)) as desk:
        desk.polled()
        assert desk.texts() == Counter(["in the folder"])


def make_folder(box: Box, name: str) -> None:
    coded = name.replace("&", "&-").replace('"', '\\"') if name.isascii() else modified_utf7(name)
    with another_client(box) as imap:
        assert imap.create(f'"{coded}"')[0] == "OK"
        imap.append(f'"{coded}"', "", imaplib.Time2Internaldate(START), mail("in the folder"))


def modified_utf7(name: str) -> str:
    """By way of Python's own UTF-7: enough for names without & and +."""
    return name.encode("utf-7").decode().replace("+", "&").replace("/", ",")


def test_a_folder_that_is_not_there_is_named(box: Box) -> None:
    with pytest.raises(ConnectorError, match="folder 'Nowhere' can't be opened"):
        polled(box.connect(folders=("Nowhere",)))


@pytest.fixture
def sending(box: Box, desk: Desk) -> Iterator[MailServer]:
    """A server to send by, and a question to answer."""
    with MailServer() as smtp:
        smtp.add_mailbox(box.address, SECRET)
        smtp.add_mailbox("mira@customer.test", "x")
        box.smtp = smtp.smtp_url
        box.put("question")
        desk.polled()
        yield smtp


def test_the_copy_goes_where_the_server_keeps_sent_mail(
    box: Box, desk: Desk, sending: MailServer
) -> None:
    assert desk.send("question", "answer") is SendState.SENT
    [copy] = box.server.mailbox(box.address, "Sent")
    assert read(copy)["Message-ID"] == sending.delivered[0][1]
    assert r"\Seen" in next(iter(box.server.flags(box.address, "Sent").values()))


def test_a_copy_that_fails_takes_nothing_back(box: Box, desk: Desk, sending: MailServer) -> None:
    number = desk.queue("question", "answer")
    connect = {"support": lambda: box.connect(sent="Nowhere")}
    Outbox(desk.store, connect, desk.clock).deliver()
    assert desk.store.outgoing.entry(number).state is SendState.SENT


# A server that hangs


def test_a_hanging_server_ends_in_time_and_holds_up_no_other_account(
    box: Box, tmp_path: Path
) -> None:
    with MailServer() as other:
        other.add_mailbox("other@desk.test", SECRET)
        other.deliver("other@desk.test", mail("from the other"), START)
        house = two_accounts(box, other, tmp_path)
        box.server.pause()
        begun = time.monotonic()
        try:
            passes = poll_all(house, ["hangs", "works"])
        finally:
            box.server.resume()
        assert time.monotonic() - begun < 2 + 4 * SHORT
        assert {p.account: bool(p.problem) for p in passes} == {"hangs": True, "works": False}
        states = {s.name: str(s.state) for s in house.desk.statuses()}
        assert states == {"hangs": "blind", "works": "ok"}
        house.close()


def two_accounts(box: Box, other: MailServer, folder: Path) -> House:
    (folder / "secret").write_text(SECRET)
    account = (
        '[[accounts]]\nchannel = "email"\npassword = "file:secret"\nsmtp = "smtp://127.0.0.1:9"\n'
    )
    (folder / "config.toml").write_text(
        f'{account}name = "hangs"\naddress = "{box.address}"\ntimeout = "1s"\n'
        f'imap = "imaps://localhost:{box.server.imaps_port}"\n'
        f'ca = "{box.server.certificates.ca}"\n'
        f'{account}name = "works"\naddress = "other@desk.test"\nimap = "{other.imap_url}"\n'
    )
    return House(read_config(folder / "config.toml"), box.clock)
