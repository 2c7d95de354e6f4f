"""A desk on real mail servers, the mail programs around it, and what its queue says of them."""

from __future__ import annotations

import imaplib
import itertools
import json
import smtplib
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.decision import Outcome
from monitor.message import Conversation, File, Verdict
from monitor.poller import Pass
from monitor.store.lists import View
from monitor.store.outgoing import OutboxEntry
from monitor.wiring import House, read_config
from tests.connectors.mails import mail, read
from tests.fakes import FakeClock
from tests.replyby import replyby_inside
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.process import LOOPBACK

SECRET = "s3cret-of-the-desk"
NEW, KNOWN, IGNORED = Outcome.NEW, Outcome.KNOWN, Outcome.IGNORED
QUARANTINED = Outcome.QUARANTINED
_numbers = itertools.count(1)
# Dovecot takes no mail for later than now, so that a test's own time has to be in the past.
_LONG_AGO = timedelta(days=60)
_ACCOUNT = """
[[accounts]]
name = "{name}"
channel = "email"
address = "{address}"
imap = "imaps://localhost:{imap}"
smtp = "{smtp}"
ca = "{ca}"
password = "file:secret"
timeout = "10s"
{more}
"""


@dataclass
class Office:
    """Accounts of one desk by name, their addresses on `dovecot`, a customer, and the time."""

    dovecot: Dovecot
    smtp: str
    folder: Path
    addresses: dict[str, str]
    customer: str
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime.now(UTC) - _LONG_AGO))
    database: str = "sqlite:///replyby.db"
    _opened: House | None = None

    @property
    def address(self) -> str:
        return next(iter(self.addresses.values()))

    def configure(self, **more: str) -> None:
        """Write config.toml anew: each account, with what `more` says of it by its name."""
        given = {
            "imap": self.dovecot.imaps_port, "smtp": self.smtp,
            "ca": self.dovecot.certificates.ca,
        }  # fmt: skip
        accounts = [
            _ACCOUNT.format(name=n, address=a, more=more.get(n, ""), **given)
            for n, a in self.addresses.items()
        ]
        head = f'[desk]\nname = "Acme support"\ndatabase = "{self.database}"\n'
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "config.toml").write_text(head + "".join(accounts))
        self.close()

    @property
    def house(self) -> House:
        if self._opened is None:
            self._opened = House(read_config(self.folder / "config.toml"), self.clock)
        return self._opened

    def close(self) -> None:
        if self._opened:
            self._opened.close()
        self._opened = None

    # What the desk does

    def passed(self, account: str = "") -> Pass:
        """One poll of an account, else of the first; the ledger has to add up."""
        name = account or next(iter(self.addresses))
        self.clock.forward(seconds=1)
        done = self.house.poller.poll(self.house.accounts[name])
        assert not done.problem
        assert not done.skipped
        assert done.listed == done.accounted
        return done

    def poll(self, account: str = "") -> Counter[Outcome]:
        return Counter({o: n for o, n in self.passed(account).outcomes.items() if n})

    def answer(self, conversation: int, text: str, *files: File) -> OutboxEntry:
        """Ann answers, and it is sent; what became of it."""
        number = self.house.desk.reply(conversation, "ann", text, seen=None, files=files)
        self.clock.forward(seconds=1)
        self.house.outbox.deliver()
        return self.house.desk.answer(number)

    def replyby(self, *words: str, code: int = 0) -> str:
        """The command itself; what it prints, and what it complains of."""
        env = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        done = replyby_inside(("--as", "ann", *words), self.folder, env)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.replyby(*words, "--json"))

    # What stands in its queue

    def all(self) -> list[Conversation]:
        """Every conversation, the oldest first."""
        found = self.house.desk.page(View(state=None), 1000)
        return sorted(found, key=lambda conversation: conversation.id)

    def only(self) -> Conversation:
        [conversation] = self.all()
        return conversation

    def states(self) -> list[str]:
        return [conversation.state.label for conversation in self.all()]

    def texts(self, conversation: int) -> list[str]:
        """What was said there, in the order of the conversation, without quotes below."""
        messages = self.house.desk.open(conversation, "ann").messages
        return [message.text.partition("\n")[0] for message in messages]

    def everything(self) -> Counter[str]:
        """The first lines of all that is stored."""
        return Counter(text for c in self.all() for text in self.texts(c.id))

    def remarks(self, conversation: int) -> list[str]:
        return [m.remark for m in self.house.desk.open(conversation, "ann").messages]

    def verdicts(self, conversation: int) -> list[Verdict]:
        return self.house.store.archive.verdicts(conversation)

    def linked(self, conversation: int) -> int | None:
        """To which conversation one was linked when it was opened, as its log tells."""
        opened = self.house.store.archive.events(conversation)[0]
        number: int | None = opened.changes["linked_id"]
        return number

    def draft(self, conversation: int) -> str:
        there = self.house.desk.open(conversation, "ann").draft
        return there.text if there else ""

    # What others do

    def arrives(self, raw: bytes, account: str = "", folder: str = "INBOX") -> int:
        """Lay a mail into a folder, arriving now; its UID."""
        address = self.addresses[account] if account else self.address
        return self.dovecot.deliver(address, raw, self.clock.forward(seconds=1), folder=folder)

    def asks(self, text: str, account: str = "", **fields: str | None) -> str:
        """The customer's mail is in the inbox; its Message-ID."""
        raw = self.written(text, **({"To": self.address} | fields))
        self.arrives(raw, account)
        return str(read(raw)["Message-ID"] or "")

    def written(self, text: str, **fields: str | None) -> bytes:
        """A mail as the customer writes it."""
        return mail(text, f"Mira <{self.customer}>", **fields)

    def colleague_answers(self, to: str, text: str = "from my phone", **fields: str) -> str:
        """Bea answers a Message-ID with her own program, which lays a copy into Sent; its id."""
        raw = self.beas(text, **({"In_Reply_To": to, "References": to} | fields))
        self.arrives(raw, folder=fields.pop("folder", "Sent"))
        return str(read(raw)["Message-ID"])

    def beas(self, text: str, **fields: str) -> bytes:
        """A mail as Bea's own program makes it."""
        made = {
            "To": self.customer, "Subject": "Re: question",
            "Message_ID": f"<bea{next(_numbers)}@phone.test>",
        }  # fmt: skip
        return mail(text, f"Bea <{self.address}>", **(made | fields))

    def sends(self, sender: str, to: str | Sequence[str], raw: bytes) -> None:
        """Give a mail to the real submission server, signed in as the sender."""
        context = ssl.create_default_context(cafile=str(self.dovecot.certificates.ca))
        port = int(self.smtp.rpartition(":")[2])
        with smtplib.SMTP("localhost", port, "me.test", timeout=10) as smtp:
            smtp.starttls(context=context)
            smtp.login(sender, SECRET)
            smtp.sendmail(sender, to, raw)

    def inbox(self) -> list[bytes]:
        return self.dovecot.mailbox(self.address)

    def sent(self, folder: str = "Sent") -> list[bytes]:
        return self.dovecot.mailbox(self.address, folder)

    @contextmanager
    def another_client(self) -> Iterator[imaplib.IMAP4]:
        """A mail program on the desk's own mailbox, its inbox open."""
        with imaplib.IMAP4(LOOPBACK, self.dovecot.imap_port, timeout=10) as imap:
            imap.login(self.address, SECRET)
            imap.select("INBOX")
            yield imap


@contextmanager
def opened(
    dovecot: Dovecot, exim: Exim, folder: Path, names: Sequence[str] = ("support",),
    database: str = "sqlite:///replyby.db", more: Mapping[str, str] | None = None,
) -> Iterator[Office]:  # fmt: skip
    """An office of its own on the servers; in the end its log has to tell what its rows say."""
    number = next(_numbers)
    addresses = {name: f"{name}{number}@desk.test" for name in names}
    smtp = f"smtp://localhost:{exim.smtp_port}"
    office = Office(dovecot, smtp, folder, addresses, f"mira{number}@customer.test")
    office.database = database
    for address in (*addresses.values(), office.customer):
        dovecot.add_user(address, SECRET)
    office.configure(**(more or {}))
    try:
        yield office
        assert list(office.house.store.archive.differences()) == []
    finally:
        office.close()


def waits_since(conversation: Conversation) -> datetime:
    """Since when the customer waits, as the server tells the time: in whole seconds."""
    assert conversation.awaiting_since
    return conversation.awaiting_since


def seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
