"""A whole desk to be killed: config.toml, mailboxes behind relays, and real `replyby` processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connectors.sandbox.mail import MailServer
from monitor.cli import main
from monitor.clock import now
from monitor.message import SendState
from monitor.store import Store, open_store
from tests.kill.relay import Relay, imap_step, smtp_step

REPLYBY = Path(sys.executable).with_name("replyby")
INBOX = "support@acme.example"
WHO = "kim"
_PASSWORD = "open sesame"
_SECRET = "REPLYBY_TEST_PASSWORD"
_PATIENCE = 90
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


class Process:
    """One run of the real command; what it says is kept in a file."""

    def __init__(self, words: list[str], environment: dict[str, str], says: Path) -> None:
        self._says = says
        with says.open("wb") as file:
            self._process = subprocess.Popen(
                words, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> bool:
        return self._process.poll() is not None

    def lives_for(self, seconds: float) -> bool:
        """Let it run for so long; False where it came to its own end before."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self) -> bool:
        """SIGKILL; False where it had come to its own end before."""
        self._process.kill()
        return self._process.wait(_PATIENCE) < 0

    def end(self) -> str:
        """Wait for its own end, which must be a good one; what it said."""
        code = self._process.wait(_PATIENCE)
        assert code == 0, f"exit {code}: {self.said}"
        return self.said

    @property
    def said(self) -> str:
        return self._says.read_text()


@dataclass
class Desk:
    """Mailboxes, the relays in front of them, and one store."""

    folder: Path
    database: str
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

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def start(self, *words: str) -> Process:
        """A real process; the relays begin to count its steps."""
        self.imap.begin()
        self.smtp.begin()
        return self.start_again(*words)

    def start_again(self, *words: str) -> Process:
        """A real process, the relays as they are."""
        environment = dict(os.environ) | {_SECRET: _PASSWORD, "HOME": str(self.folder)}
        command = [str(REPLYBY), "--config", str(self.config), "--as", WHO, *words]
        return Process(command, environment, self.folder / "said.txt")

    def poll(self) -> str:
        """One undisturbed poll; the ledger's line."""
        return self.start("poll").end()

    def tell(self, *words: str) -> None:
        """A command within this process: what people do between the kills."""
        code = main(["--config", str(self.config), "--as", WHO, *words])
        assert code == 0, f"replyby {' '.join(words)}: exit {code}"

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

    def arrived(self, token: str) -> int:
        """How many times an answer with the token lies in its customer's mailbox."""
        self.smtp.drained()
        inbox = self.server.inbox(customer(token))
        return sum(answer(token).encode() in mail for mail in inbox)

    @contextmanager
    def store(self) -> Iterator[Store]:
        url = self.database
        opened = open_store(url, now())
        try:
            yield opened
        finally:
            opened.close()

    def asked(self, sql: str) -> list[tuple[object, ...]]:
        with self.store() as store:
            return store.database.read(sql)


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
    mails = desk.asked("SELECT subject, body FROM message WHERE direction = 0")
    assert Counter(subject for subject, _ in mails) == Counter(desk.tokens)
    assert all(str(subject) in str(body) for subject, body in mails)
    (sources,) = desk.asked("SELECT count(*) FROM raw")
    (conversations,) = desk.asked("SELECT count(*) FROM conversation")
    assert sources == conversations == (len(desk.tokens),)


def the_log_tells_the_same(desk: Desk) -> None:
    with desk.store() as store:
        assert list(store.archive.differences()) == []


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


def send_states(desk: Desk) -> Counter[SendState]:
    rows = desk.asked("SELECT state FROM outbox")
    return Counter(SendState(str(row[0])) for row in rows)
