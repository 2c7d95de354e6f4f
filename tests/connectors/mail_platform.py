"""A mail provider played inside this process, and a desk at it, as fixtures."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.sandbox.mail import MailServer
from monitor.connector import Connector
from monitor.message import IncomingMessage
from tests.connectors.desk import SINCE, Desk
from tests.connectors.mails import DESK, email_settings, mail, read, surroundings, written
from tests.connectors.nonsense import scripted
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


@pytest.fixture
def desk(mailbox: MailPlatform, tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path, mailbox.connect) as desk:
        yield desk


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
