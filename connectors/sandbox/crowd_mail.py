"""Customers with mailboxes of their own, who write to the desk by SMTP."""

from __future__ import annotations

import hashlib
import re
import smtplib
import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import ClassVar
from urllib.parse import urlsplit

from connectors._mail_policy import MAIL_POLICY
from connectors.sandbox.crowd_case import Answer, Case, Letter, NotTaken, Occasion, Place
from connectors.sandbox.crowd_cast import CAST, DOMAIN, STORIES, Customer, Story
from connectors.sandbox.mail import MailServer

_PATIENCE = 10.0  # seconds for one submission
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


class MailPlace(Place):
    """Mailboxes on `server`, one for each customer, whose owners write to `inbox`.

    `clock` gives the Date of the mails, with time zone.
    """

    channel: ClassVar[str] = "email"
    oldest: ClassVar[timedelta] = timedelta(hours=4, minutes=30)

    def __init__(
        self,
        server: MailServer,
        inbox: str,
        seed: int = 1,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.stories = STORIES
        self._server = server
        self._inbox = inbox
        self._clock = clock
        self._birth = f"{seed}/{clock().isoformat()}"
        self._cases: dict[str, Case] = {}  # by Message-ID
        self._threads: dict[str, list[str]] = {}  # a case's Message-IDs, oldest first
        self._answers: dict[str, EmailMessage] = {}  # the last one of each case
        self._delivered = 0
        self._read = {who: self._move_in(who) for who in CAST}

    def _move_in(self, who: Customer) -> int:
        if self._server.knows(who.address):
            return len(self._server.inbox(who.address))
        self._server.add_mailbox(who.address, who.password)
        return 0

    # Writing

    def write(self, letter: Letter) -> None:
        """Submit a mail; one that was written before `at` was delivered then, and is there."""
        if not letter.occasion.is_written:
            return
        who = letter.case.who
        if who not in self._read:
            self._read[who] = self._move_in(who)
        mail = letter.draft = letter.draft or self._composed(letter)
        to = str(mail["To"])
        if letter.at:
            self._server.deliver(to, mail.as_bytes(policy=SMTP), letter.at)
            return
        try:
            self._talk(who, to, mail.as_bytes())
        except (OSError, smtplib.SMTPException) as error:
            raise NotTaken(for_good=_for_good(error)) from None

    def _composed(self, letter: Letter) -> EmailMessage:
        case, first = letter.case, letter.occasion is Occasion.FIRST
        thread = self._threads.setdefault(case.key, [])
        mail = EmailMessage(policy=MAIL_POLICY)
        mail["From"] = Address(case.who.name, addr_spec=case.who.address)
        mail["To"] = self._desk(case.story)
        mail["Subject"] = self._subject(letter)
        mail["Date"] = format_datetime(letter.at or self._clock())
        if not first:
            mail["In-Reply-To"] = thread[0] if letter.occasion is Occasion.NUDGE else thread[-1]
            mail["References"] = " ".join(thread)
        mail["Message-ID"] = self._message_id(case)
        mail.set_content(self._text(letter))
        if first:
            _dress(mail, case)
        return mail

    def _subject(self, letter: Letter) -> str:
        case = letter.case
        own = case.told(case.story.subject)
        if letter.occasion is Occasion.FIRST:
            return own
        answer = self._answers.get(case.key)
        return _re((str(answer.get("Subject", "")) if answer else "") or own)

    def _text(self, letter: Letter) -> str:
        if letter.occasion is Occasion.BACK:
            return f"{letter.text}\n\n{_quote(self._answers[letter.case.key])}"
        if letter.occasion is Occasion.NUDGE:
            return f"{letter.text}\n\n{letter.case.who.name}"
        return letter.text + _customer_number(letter.case)

    def _message_id(self, case: Case) -> str:
        thread = self._threads[case.key]
        name = f"{self._birth}/{case.key}/{len(thread)}"
        found = f"<{hashlib.sha256(name.encode()).hexdigest()[:24]}@{DOMAIN}>"
        thread.append(found)
        self._cases[found] = case
        return found

    def _desk(self, story: Story) -> str:
        other = f"{story.to}@{self._inbox.partition('@')[2]}"
        return other if story.to and self._server.knows(other) else self._inbox

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

    def answers(self) -> Iterator[Answer]:
        """What lies in the mailboxes into which something was delivered."""
        delivered = self._server.delivered[self._delivered :]
        self._delivered += len(delivered)
        filled = {address for address, _ in delivered}
        for who, known in self._read.items():
            if who.address in filled:
                mails = self._server.inbox(who.address, skip=known)
                self._read[who] = known + len(mails)
                yield from (self._understood(who, raw) for raw in mails)

    def _understood(self, who: Customer, raw: bytes) -> Answer:
        mail = BytesParser(policy=SMTP).parsebytes(raw)
        key = str(mail.get("Message-ID", "")).strip() or f"<{hashlib.sha256(raw).hexdigest()}>"
        case = self._case_of(mail)
        reached = case is not None and case.who == who
        automatic = str(mail.get("Auto-Submitted", "no")).lower() != "no"
        if case and reached and not automatic and key not in self._cases:
            self._threads[case.key].append(key)
            self._cases[key] = case
            self._answers[case.key] = mail
        return Answer(key, _body(mail), case, reached, automatic)

    def _case_of(self, answer: EmailMessage) -> Case | None:
        named = f"{answer.get('References', '')} {answer.get('In-Reply-To', '')}"
        found = (self._cases.get(key) for key in reversed(_MESSAGE_ID.findall(named)))
        return next((case for case in found if case), None)


def _re(subject: str) -> str:
    line = " ".join(subject.split())
    return line if line.lower().startswith("re:") else f"Re: {line}"


def _body(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""


def _quote(answer: EmailMessage) -> str:
    name, address = parseaddr(str(answer.get("From", "")))
    quoted = "\n".join(f"> {line}".rstrip() for line in _body(answer).rstrip().splitlines())
    return f"On {answer.get('Date', '')}, {name or address} <{address}> wrote:\n{quoted}\n"


def _customer_number(case: Case) -> str:
    """By which whoever names no order is known to the shop."""
    story = case.story
    named = "{order}" in story.text or "{order}" in story.subject
    return "" if named else f"\n\nCustomer no. {case.number}"


def _dress(mail: EmailMessage, case: Case) -> None:
    if case.story.markup:
        text = case.told(case.story.text) + f"<p>{_customer_number(case).strip()}</p>"
        mail.set_content(text, subtype="html")
    if case.story.photo:
        mail.add_attachment(_picture(), maintype="image", subtype="png", filename=case.story.photo)
        # Without this, the boundary is drawn at random.
        mail.set_boundary(f"=_{hashlib.sha256(case.key.encode()).hexdigest()[:24]}")


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
