"""Customers who write to the help desk over time, read its answers and write back."""

from __future__ import annotations

import hashlib
import itertools
import re
import smtplib
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from random import Random
from urllib.parse import urlsplit

from connectors._mail_policy import MAIL_POLICY
from connectors.sandbox.crowd_cast import CAST, DOMAIN, STORIES, Customer, Story
from connectors.sandbox.mail import MailServer

_WRITES_BACK = 0.4  # share of answers a customer reacts to
_MOST_BACK = 2  # times a customer writes back in one thread
_NUDGE_AFTER = 3  # mails of others between a first mail and its impatient second
_PATIENCE = 10.0  # seconds for one submission
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


@dataclass
class _Thread:
    key: str
    story: Story
    order: int
    seen: list[str] = field(default_factory=list)  # Message-IDs, oldest first
    answers: int = 0
    backs: int = 0

    def told(self, words: str) -> str:
        return words.format(order=self.order)


@dataclass
class _Letter:
    thread: _Thread
    subject: str
    text: str
    parent: str = ""  # Message-ID of what it answers
    patience: int = 0  # mails of others that go out first
    nudge: bool = False
    mail: EmailMessage | None = None  # once written, tried again as it is


class Crowd:
    """About twenty customers with mailboxes of their own on `server`, writing to `inbox`.

    What they write, and whom they write back to, depends on `seed` and the answers alone; the
    stories come around again, with new order numbers, when all are told. `pace` is in mails per
    second, above 0, and may be changed while running. `clock` gives the Date of the mails, with
    time zone.

    `sent` counts the mails the server took, `failed` the attempts it did not take (what may
    help is tried again later as the same mail, what was refused for good is given up).
    `written_by_thread` has the number of mails by the Message-ID that began the thread.
    `received` has how often each answer arrived at customers, by its Message-ID.
    `strays` are answers that belong to no thread, for want of References.
    """

    def __init__(
        self,
        server: MailServer,
        inbox: str,
        seed: int = 1,
        pace: float = 1.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.pace = pace
        self.sent = 0
        self.failed = 0
        self.written_by_thread: dict[str, int] = {}
        self.received: dict[str, int] = {}
        self.strays: list[str] = []
        self._server = server
        self._inbox = inbox
        self._seed = seed
        self._clock = clock
        self._birth = clock().isoformat()
        self._threads: dict[str, _Thread] = {}
        self._misdirected: set[str] = set()
        self._out: deque[_Letter] = deque()
        self._deck = self._tell()
        self._quit = threading.Event()
        self._worker: threading.Thread | None = None
        self._turn = threading.Lock()
        self._read = {who: self._move_in(who) for who in CAST}

    def start(self) -> None:
        """Let the customers write until `stop`; RuntimeError when they already do."""
        if self._worker is not None:
            raise RuntimeError("the crowd is already writing")
        self._quit.clear()
        self._worker = threading.Thread(target=self._run, name="sandbox-crowd", daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """Let the customers fall silent; a submission under way is waited for, 10 s at most."""
        if self._worker is not None:
            self._quit.set()
            self._worker.join()
            self._worker = None

    def step(self) -> bool:
        """One round: read all answers, then submit one mail. True if the server took it."""
        with self._turn:
            self._read_answers()
            return self._submit(self._next())

    def read_answers(self) -> None:
        """Take note of the answers that came by now, without writing anything."""
        with self._turn:
            self._read_answers()

    def doubled(self) -> dict[str, int]:
        """The answers that came more than once, by Message-ID, with how often they came."""
        return {key: count for key, count in dict(self.received).items() if count > 1}

    def misdirected(self) -> list[str]:
        """Message-IDs of answers that reached somebody else than the customer of their thread."""
        return sorted(self._misdirected.copy())

    def _run(self) -> None:
        due = time.monotonic()
        while not self._quit.wait(max(0.0, due - time.monotonic())):
            self.step()
            due = max(due + 1 / self.pace, time.monotonic())

    def _move_in(self, who: Customer) -> int:
        if self._server.knows(who.address):
            return len(self._server.inbox(who.address))
        self._server.add_mailbox(who.address, who.password)
        return 0

    # Telling

    def _tell(self) -> Iterator[_Thread]:
        for part in itertools.count():
            dice = Random(f"{self._seed}/{part}")
            for story in dice.sample(STORIES, len(STORIES)):
                order = dice.randrange(100_000, 1_000_000)
                yield _Thread(f"{part}/{STORIES.index(story)}", story, order)

    def _next(self) -> _Letter:
        for letter in list(self._out):
            if letter.nudge and letter.thread.answers:
                self._out.remove(letter)
            elif letter.patience <= 0:
                self._out.remove(letter)
                return letter
            letter.patience -= 1
        thread = next(self._deck)
        story = thread.story
        return _Letter(thread, thread.told(story.subject), thread.told(story.text))

    def _write(self, letter: _Letter) -> EmailMessage:
        thread, who = letter.thread, letter.thread.story.who
        mail = EmailMessage(policy=MAIL_POLICY)
        mail["From"] = Address(who.name, addr_spec=who.address)
        mail["To"] = self._desk(thread.story)
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(self._clock())
        if letter.parent:
            mail["In-Reply-To"] = letter.parent
            mail["References"] = " ".join(thread.seen)
        mail["Message-ID"] = self._message_id(thread)
        mail.set_content(letter.text)
        if not letter.parent:
            _dress(mail, thread)
        return mail

    def _message_id(self, thread: _Thread) -> str:
        name = f"{self._seed}/{self._birth}/{thread.key}/{len(thread.seen)}"
        found = f"<{hashlib.sha256(name.encode()).hexdigest()[:24]}@{DOMAIN}>"
        thread.seen.append(found)
        self._threads[found] = thread
        return found

    def _desk(self, story: Story) -> str:
        other = f"{story.to}@{self._inbox.partition('@')[2]}"
        return other if story.to and self._server.knows(other) else self._inbox

    # Sending

    def _submit(self, letter: _Letter) -> bool:
        letter.mail = letter.mail or self._write(letter)
        try:
            self._talk(letter.thread.story.who, str(letter.mail["To"]), letter.mail.as_bytes())
        except (OSError, smtplib.SMTPException) as error:
            self.failed += 1
            if not _for_good(error):
                letter.nudge = False
                self._out.appendleft(letter)
            return False
        self.sent += 1
        self._note(letter.thread)
        return True

    def _note(self, thread: _Thread) -> None:
        root, story = thread.seen[0], thread.story
        self.written_by_thread[root] = self.written_by_thread.get(root, 0) + 1
        if story.nudge and self.written_by_thread[root] == 1:
            text = f"{story.nudge}\n\n{story.who.name}"
            subject = _re(thread.told(story.subject))
            self._out.append(_Letter(thread, subject, text, root, _NUDGE_AFTER, nudge=True))

    def _talk(self, who: Customer, to: str, raw: bytes) -> None:
        place = urlsplit(self._server.smtp_url)
        with smtplib.SMTP(
            # Named, since smtplib would otherwise ask the network for this host's name.
            place.hostname or "",
            place.port or 0,
            local_hostname=DOMAIN,
            timeout=_PATIENCE,
        ) as client:
            client.login(who.address, who.password)
            client.sendmail(who.address, [to], raw)

    # Reading

    def _read_answers(self) -> None:
        for who, known in self._read.items():
            mails = self._server.inbox(who.address, skip=known)
            for raw in mails:
                self._read_one(who, raw)
            self._read[who] = known + len(mails)

    def _read_one(self, who: Customer, raw: bytes) -> None:
        answer = BytesParser(policy=SMTP).parsebytes(raw)
        key = str(answer.get("Message-ID", "")).strip() or f"<{hashlib.sha256(raw).hexdigest()}>"
        self.received[key] = self.received.get(key, 0) + 1
        thread = self._thread_of(answer)
        if thread is None:
            self.strays.append(key)
        elif thread.story.who != who:
            self._misdirected.add(key)
        elif self.received[key] == 1 and answer.get("Auto-Submitted", "no").lower() == "no":
            self._ponder(thread, key, answer)

    def _thread_of(self, answer: EmailMessage) -> _Thread | None:
        named = f"{answer.get('References', '')} {answer.get('In-Reply-To', '')}"
        for key in reversed(_MESSAGE_ID.findall(named)):
            if key in self._threads:
                return self._threads[key]
        return None

    def _ponder(self, thread: _Thread, key: str, answer: EmailMessage) -> None:
        thread.seen.append(key)
        thread.answers += 1
        self._threads[key] = thread
        dice = Random(f"{self._seed}/{thread.key}/{thread.answers}")
        if thread.backs >= _MOST_BACK or dice.random() >= _WRITES_BACK:
            return
        text = f"{thread.story.back[thread.backs]}\n\n{_quote(answer)}"
        thread.backs += 1
        subject = _re(str(answer.get("Subject", "")) or thread.told(thread.story.subject))
        self._out.append(_Letter(thread, subject, text, parent=key))


def _re(subject: str) -> str:
    line = " ".join(subject.split())
    return line if line.lower().startswith("re:") else f"Re: {line}"


def _quote(answer: EmailMessage) -> str:
    body = answer.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    name, address = parseaddr(str(answer.get("From", "")))
    quoted = "\n".join(f"> {line}".rstrip() for line in text.rstrip().splitlines())
    return f"On {answer.get('Date', '')}, {name or address} <{address}> wrote:\n{quoted}\n"


def _dress(mail: EmailMessage, thread: _Thread) -> None:
    if thread.story.markup:
        mail.set_content(thread.told(thread.story.text), subtype="html")
    if thread.story.photo:
        name = thread.story.photo
        mail.add_attachment(_picture(), maintype="image", subtype="png", filename=name)
        # Without this, the boundary is drawn at random.
        mail.set_boundary(f"=_{hashlib.sha256(thread.key.encode()).hexdigest()[:24]}")


def _picture() -> bytes:
    size = 32
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500
