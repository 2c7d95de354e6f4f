"""New mail announced by IDLE: over real Dovecot, beside servers that talk nonsense."""

from __future__ import annotations

import imaplib
import itertools
import select
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.mailbox.idle import RENEW
from monitor.connector import Watch, Watchable
from monitor.errors import AuthError, ConnectorError
from tests.connectors.mails import email_settings, mail, surroundings
from tests.connectors.nonsense import imap_script, scripted, usual
from tests.fakes import FakeClock
from tests.servers.dovecot import Dovecot
from tests.servers.process import LOOPBACK

SECRET = "s3cret-of-the-desk"
PATIENCE = 10
_numbers = itertools.count(1)

# How mail is kept makes no difference to how it is announced.
pytestmark = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)


@dataclass
class Box:
    """A mailbox of this test's own."""

    server: Dovecot
    folder: Path
    clock: FakeClock
    address: str = field(default_factory=lambda: f"idle{next(_numbers)}@desk.test")

    def connector(self, **given: object) -> Watchable:
        values: dict[str, object] = {
            "address": self.address,
            "imap": f"imaps://localhost:{self.server.imaps_port}",
            "smtp": "smtp://127.0.0.1:9",
            "ca": str(self.server.certificates.ca),
        }
        settings = email_settings(self.folder, SECRET, PATIENCE, **(values | given))
        connector = EmailChannel().connect(settings, surroundings(self.clock))
        assert isinstance(connector, Watchable)
        return connector

    @contextmanager
    def watch(self, **given: object) -> Iterator[Watch]:
        watch = self.connector(**given).watch()
        assert watch is not None
        with closing(watch):
            yield watch

    def deliver(self) -> None:
        """By LMTP, as a mail server does."""
        with smtplib.LMTP(LOOPBACK, self.server.lmtp_port, timeout=PATIENCE) as lmtp:
            lmtp.sendmail("mira@customer.test", [self.address], mail("hello"))


@pytest.fixture
def box(dovecot: Dovecot, tmp_path: Path, clock: FakeClock) -> Box:
    box = Box(dovecot, tmp_path, clock)
    dovecot.add_user(box.address, SECRET)
    return box


def heard(watch: Watch) -> bool:
    """What the watch makes of the next thing that the server says."""
    assert select.select([watch], [], [], PATIENCE)[0], "the server says nothing"
    return watch.pushed()


def announced(watch: Watch) -> bool:
    """Whether new mail is announced, after whatever else."""
    return any(heard(watch) for _ in range(5))


# Dovecot


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_delivered_mail_is_announced_over_tls_and_starttls(box: Box, scheme: str) -> None:
    port = box.server.imap_port if scheme == "imap" else box.server.imaps_port
    with box.watch(imap=f"{scheme}://localhost:{port}") as watch:
        box.deliver()
        assert heard(watch)


def test_mail_that_a_client_lays_into_the_folder_is_announced(box: Box) -> None:
    with box.watch() as watch:
        box.server.deliver(box.address, mail("hello"))
        assert heard(watch)


def test_what_others_mark_or_remove_is_not_announced(box: Box) -> None:
    box.deliver()
    box.server.wait_for_mails(box.address)
    with box.watch() as watch, imaplib.IMAP4(LOOPBACK, box.server.imap_port) as other:
        other.login(box.address, SECRET)
        other.select("INBOX")
        other.store("1", "+FLAGS", r"(\Flagged)")
        assert not heard(watch)
        other.store("1", "+FLAGS", r"(\Deleted)")
        other.expunge()
        box.deliver()
        assert announced(watch)


def test_further_folders_are_announced_where_the_server_has_notify(box: Box) -> None:
    box.server.deliver(box.address, mail("before"), folder="New orders")
    with box.watch(folders=("INBOX", "New orders", "Nowhere")) as watch:
        box.server.deliver(box.address, mail("hello"), folder="New orders")
        assert announced(watch)


def test_a_renewed_watch_goes_on(box: Box) -> None:
    with box.watch() as watch:
        assert watch.due == box.clock() + RENEW
        box.clock.forward(seconds=RENEW.total_seconds())
        watch.renew()
        assert watch.due <= box.clock.forward(seconds=PATIENCE)
        while watch.due < box.clock() + RENEW:
            assert not heard(watch)
        box.deliver()
        assert announced(watch)


def test_mail_that_comes_while_it_is_renewed_is_announced(box: Box) -> None:
    with box.watch() as watch:
        watch.renew()
        box.deliver()
        assert announced(watch)


def test_a_server_that_does_not_answer_the_renewal_has_lost_us(box: Box) -> None:
    with box.watch() as watch:
        box.server.pause()
        try:
            watch.renew()
            assert watch.due == box.clock.forward(seconds=PATIENCE)
            with pytest.raises(ConnectorError, match="does not answer"):
                watch.renew()
        finally:
            box.server.resume()


def test_a_server_that_ends_is_noticed(box: Box) -> None:
    with box.watch() as watch:
        box.server.kill()
        try:
            with pytest.raises(ConnectorError):
                announced(watch)
        finally:
            box.server.start()


def test_a_wrong_password_is_said(box: Box) -> None:
    (box.folder / "wrong").write_text("wrong")
    with pytest.raises(AuthError):
        box.connector(password="file:wrong").watch()


def test_no_connection_is_kept_where_push_is_off(box: Box) -> None:
    assert box.connector(push=False, imap="imap://127.0.0.1:1").watch() is None


# Servers that say what they like

IDLE = b"+ go on\r\n"
Special = Callable[[str, bytes], bytes | None]


def idling(*said: bytes) -> Special:
    """A server that offers IDLE, and says all that when asked for it."""

    def special(tag: str, command: bytes) -> bytes | None:
        word = command.upper()
        if word == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 IDLE\r\n" + usual(tag, b"NOOP")
        if word == b"IDLE":
            return b"".join(said).replace(b"TAG", tag.encode())
        return None

    return special


@contextmanager
def watch_of(box: Box, special: Special) -> Iterator[Watch]:
    with (
        scripted(b"* OK hi\r\n", imap_script(special)) as port,
        box.watch(imap=f"imap://127.0.0.1:{port}") as watch,
    ):
        yield watch


def test_a_server_without_idle_is_left_to_polls(box: Box) -> None:
    with scripted(b"* OK hi\r\n", imap_script(lambda tag, command: None)) as port:
        assert box.connector(imap=f"imap://127.0.0.1:{port}").watch() is None


def test_news_that_come_with_the_answer_are_not_lost_on_the_way(box: Box) -> None:
    flags = b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n" % n for n in range(1, 9000))
    with watch_of(box, idling(IDLE, flags, b"* 5 EXISTS\r\n")) as watch:
        assert announced(watch)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"* BYE too many of you\r\n", "goodbye: too many of you"),
        (b"TAG NO not now\r\n", "refuses: .*not now"),
        (b"TAG BAD what\r\n", "refuses"),
        (b"x" * 10_000_000, "without end"),
        (b"* 1 FETCH (FLAGS ())\r\n" * 500_000, "without end"),
    ],
)
@pytest.mark.parametrize("first", [b"", IDLE], ids=["asked", "idling"])
def test_what_no_server_may_say_ends_the_watch(
    box: Box, first: bytes, said: bytes, reason: str
) -> None:
    # Where all of it comes in one piece, it is noticed while the watch is being opened.
    with pytest.raises(ConnectorError, match=reason), watch_of(box, idling(first, said)) as watch:
        announced(watch)


@pytest.mark.parametrize(
    "said",
    [b"\r\n\r\n", b"* \xff\x00 EXISTS\r\n", b"* 0 EXISTS\r\n", b"* 99999999999 EXISTS\r\n",
     b"*1 EXISTS\r\n", b"* OK EXISTS\r\n"],
)  # fmt: skip
def test_garbage_announces_nothing(box: Box, said: bytes) -> None:
    def special(tag: str, command: bytes) -> bytes | None:
        return said if tag == "DONE" else idling(IDLE)(tag, command)

    with watch_of(box, special) as watch:
        watch.renew()
        assert not heard(watch)


def test_a_server_that_never_comes_to_the_point_is_given_up(box: Box) -> None:
    """It says something now and then, but never what it was asked for."""

    def special(tag: str, command: bytes) -> bytes | None:
        if command.upper() != b"IDLE":
            return idling()(tag, command)
        box.clock.forward(seconds=PATIENCE)
        return b"* OK wait\r\n"

    begun = time.monotonic()
    with pytest.raises(ConnectorError, match="does not answer"), watch_of(box, special):
        pass
    assert time.monotonic() - begun < PATIENCE


def test_closing_waits_for_nobody(box: Box) -> None:
    with watch_of(box, idling(IDLE)) as watch:
        number = watch.fileno()
        watch.close()
        with pytest.raises(OSError, match="descriptor"):
            socket.socket(fileno=number).getpeername()
