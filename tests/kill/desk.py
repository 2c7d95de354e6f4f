"""A desk to be killed whose mailboxes stand behind relays."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.sandbox.mail import MailServer
from monitor.message import SendState
from tests.kill.killed_desk import KilledDesk, Process
from tests.kill.relay import Relay, imap_step, smtp_step

INBOX = "support@acme.example"
_PASSWORD = "open sesame"
_SECRET = "REPLYBY_TEST_PASSWORD"
_CONFIG = """
[desk]
name = "Acme support"
database = "{database}"

[[accounts]]
name = "support"
channel = "email"
every = "1s"
address = "{inbox}"
imap = "imap://127.0.0.1:{imap}"
smtp = "smtp://127.0.0.1:{smtp}"
password = "env:{secret}"
"""


@dataclass
class Desk(KilledDesk):
    """Mailboxes, and the relays in front of them."""

    token: ClassVar[str] = "subject"
    environment: ClassVar[Mapping[str, str]] = {_SECRET: _PASSWORD}

    server: MailServer
    imap: Relay
    smtp: Relay
    tokens: list[str] = field(default_factory=list)

    def write_config(self) -> None:
        text = _CONFIG.format(
            database=self.database, inbox=INBOX, imap=self.imap.port, smtp=self.smtp.port,
            secret=_SECRET,
        )  # fmt: skip
        self.config.write_text(text)

    def start(self, *words: str) -> Process:
        """A real process; the relays begin to count its steps."""
        self.imap.begin()
        self.smtp.begin()
        return self.start_again(*words)

    def start_again(self, *words: str) -> Process:
        """A real process, the relays as they are."""
        return super().start(*words)

    def poll(self) -> str:
        """One undisturbed poll; the ledger's line."""
        return self.start("poll").end()

    def customer_writes(self) -> str:
        """A mail of a new customer lands in the inbox; the token that stands in it."""
        token = f"token-{len(self.tokens):06d}"
        self.tokens.append(token)
        mail = (
            f"From: {customer(token)}\r\nTo: {INBOX}\r\nMessage-ID: <{token}@customers.example>\r\n"
            f"Subject: {token}\r\n\r\nWhere is my parcel? It is {token}.\r\n"
        )
        self.server.deliver(INBOX, mail.encode())
        return token

    def open_mailbox(self, token: str) -> None:
        """Where the answer to that customer goes."""
        self.server.add_mailbox(customer(token), _PASSWORD)

    def answer(self, token: str, number: str) -> None:
        self.tell("reply", number, "--text", answer(token))

    def arrived(self, token: str) -> int:
        """How many times an answer with the token lies in its customer's mailbox."""
        self.smtp.drained()
        inbox = self.server.inbox(customer(token))
        return sum(answer(token).encode() in mail for mail in inbox)


@contextmanager
def open_desk(folder: Path, database: str, seed: int, slowest: float = 0.0) -> Iterator[Desk]:
    """A desk on an empty database; SMTP answers dawdle for up to `slowest` seconds each."""
    os.environ[_SECRET] = _PASSWORD
    with ExitStack() as stack:
        server = stack.enter_context(MailServer())
        server.add_mailbox(INBOX, _PASSWORD)
        imap = stack.enter_context(Relay(_port(server.imap_url), imap_step, seed))
        smtp = stack.enter_context(Relay(_port(server.smtp_url), smtp_step, seed, slowest))
        desk = Desk(folder, database, server, imap, smtp)
        desk.write_config()
        yield desk


def customer(token: str) -> str:
    return f"{token}@customers.example"


def answer(token: str) -> str:
    """The text that answers the mail with that token, found nowhere else."""
    return f"answer-to-{token}"


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def everything_is_stored_once(desk: Desk) -> None:
    """Every mail that was written has one message, one source and one conversation."""
    mails = desk.rows("SELECT subject, body FROM message WHERE direction = 0")
    assert Counter(subject for subject, _ in mails) == Counter(desk.tokens)
    assert all(str(subject) in str(body) for subject, body in mails)
    (sources,) = desk.rows("SELECT count(*) FROM raw")
    (conversations,) = desk.rows("SELECT count(*) FROM conversation")
    assert sources == conversations == (len(desk.tokens),)


def the_account_is_fine(desk: Desk) -> None:
    with desk.store() as store:
        (status,) = store.accounts.statuses()
        assert (str(status.state), status.reason) == ("ok", "")
        assert store.accounts.holder(store.accounts.ids()["support"]) is None


def the_ledger_adds_up(line: str) -> None:
    """`support: 12 listed = 12 new`; a kill between two slices of a batch leaves some known."""
    match = re.fullmatch(r"support: (\d+) listed = (\d+) new(?: \+ (\d+) known)?\n", line)
    match = match or re.fullmatch(r"support: (\d+) listed = (\d+)( )known\n", line)
    assert match, line
    assert int(match[1]) == int(match[2]) + int((match[3] or "").strip() or 0)


def left_by(desk: Desk, process: Process) -> list[SendState]:
    """How far the answers had come that are still in the process's hands."""
    with desk.store() as store:
        leased = store.outgoing.leased()
    return [each.state for each in leased if f"/{process.pid}/" in each.owner]
