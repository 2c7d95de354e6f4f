"""A mail as it came from the server → the incoming message that the desk understands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.mailbox.judging import judge, written
from connectors.mailbox.message_ids import MARK
from connectors.mailbox.mime import Limits, Mail, read_mail
from connectors.mailbox.settings import is_address
from monitor.errors import NotFound
from monitor.message import Attachment, File, Fold, IncomingMessage, Party

_ID_CHARS = 500
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_HEADER_CHARS = 256 * 1024
_UNREADABLE_SUBJECT = "(a mail that could not be read)"


@dataclass(frozen=True, slots=True)
class Ours:
    """What tells our own mail and our own address from others'.

    `conversation_of` takes a Message-ID and gives the conversation that it proves to belong to,
    None where it isn't one of ours; `conversation_of_address` does so for a recipient.
    """

    address: str
    conversation_of: Callable[[str], int | None]
    conversation_of_address: Callable[[str], int | None] = lambda address: None
    limits: Limits = field(default_factory=Limits)


def incoming(raw: bytes, arrived: datetime, ours: Ours) -> IncomingMessage:
    """How the desk sees a mail; one that can't be read is still a message, and says why."""
    mail = read_mail(raw, ours.limits)
    author, known_as = _author(mail, ours.address), judge(mail)
    text, folds = written(mail)
    return replace(
        _message(mail, arrived, ours, text, folds),
        author=author,
        automatic=known_as.auto,
        report=known_as.report,
        problem=mail.problem or _no_sender(author),
    )


def outgoing(raw: bytes, sent: datetime, ours: Ours) -> IncomingMessage:
    """How the desk sees a mail of the Sent folder: somebody of ours wrote it, or we did."""
    mail = read_mail(raw, ours.limits)
    text, folds = written(mail)
    sender = next((m for m in (*mail.sender, *mail.from_) if m.address), None)
    return replace(
        _message(mail, sent, ours, text, folds),
        author=Party(sender.address, sender.name) if sender else Party(ours.address),
        to=tuple(m.address for m in (*mail.to, *mail.cc, *mail.bcc)),
        outgoing=True,
        automatic=judge(mail).auto,
    )


def file_of(raw: bytes, number: int) -> File:
    """An attachment of a mail, decoded now; NotFound where it has none of that number."""
    for file in read_mail(raw).attachments:
        if file.number == number:
            return File(file.name, file.type, file.content)
    raise NotFound(f"the mail has no attachment {number}")


def _message(
    mail: Mail, at: datetime, ours: Ours, text: str, folds: tuple[Fold, ...]
) -> IncomingMessage:
    """What is the same in both directions."""
    own_id = mail.message_id
    own = ours.conversation_of(own_id)
    if own is None and (marked := next(iter(mail.ids(MARK)), "")):
        own_id, own = marked, ours.conversation_of(marked)
    referred = [*mail.in_reply_to, *reversed(mail.references)]
    notices = (f"[cut: {notice}]" for notice in mail.notices)
    return IncomingMessage(
        ext_id=identity(mail),
        at=at,
        author=Party(""),
        keys=tuple(dict.fromkeys(k[:_ID_CHARS] for k in (own_id, mail.message_id, *referred) if k)),
        subject=_UNREADABLE_SUBJECT if mail.problem else mail.subject,
        text="\n\n".join(filter(None, [text, *mail.remarks, *notices])),
        kind="email",
        to=tuple(mailbox.address for mailbox in (*mail.to, *mail.cc)),
        headers=_header_lines(mail),
        raw=mail.raw,
        own_conversation=own if own is not None else _proven(mail, referred, ours),
        ours="our own answer" if own is not None else "",
        folds=folds,
        attachments=tuple(Attachment(f.number, f.name, f.type, f.size) for f in mail.attachments),
    )


def _proven(mail: Mail, referred: Sequence[str], ours: Ours) -> int | None:
    """The conversation that the mail proves to know: by an id of ours, or a tagged address."""
    by_id = (ours.conversation_of(message_id) for message_id in referred)
    tagged = (m.address for m in (*mail.to, *mail.cc, *mail.delivered_to) if "+" in m.address)
    found = (*by_id, *map(ours.conversation_of_address, tagged))
    return next((conversation for conversation in found if conversation is not None), None)


def _no_sender(author: Party) -> str:
    return "" if author.address else "this mail names no sender who could be answered"


def identity(mail: Mail) -> str:
    """What makes it the same mail again: its id and what its sender wrote, else every byte.

    The id alone won't do, for some senders use one again; every byte won't do for one with an
    id, for each way to us adds its own Received fields.
    """
    if not mail.message_id:
        return f"sha256:{hashlib.sha256(mail.raw).hexdigest()}"
    digest = hashlib.blake2b(digest_size=12)
    for name in ("From", "Reply-To", "Date", "Subject"):
        digest.update("\n".join(mail.headers.values(name)).encode("utf-8", "surrogatepass"))
    empty_line = _EMPTY_LINE.search(mail.raw)
    digest.update(memoryview(mail.raw)[empty_line.end() if empty_line else 0 :])
    return f"{mail.message_id[:_ID_CHARS]} {digest.hexdigest()}"


def _author(mail: Mail, own: str) -> Party:
    """Who is answered: Reply-To before From (RFC 5322, 3.6.2), with the name that From gives.

    Never ourselves, where anyone else is named: web forms write in our own name.
    """
    senders = [m for m in mail.from_ if m.address] or mail.sender
    good = [m for m in (*(mail.reply_to or senders), *senders) if is_address(m.address)]
    good.sort(key=lambda m: m.address.casefold() == own.casefold())
    if not good:
        return Party("", mail.from_name or mail.from_addr or mail.headers.text("From")[:200])
    name = next((m.name for m in (*mail.from_, *senders, *good) if m.name), "")
    return Party(good[0].address, name)


def _header_lines(mail: Mail) -> str:
    lines, left = [], _HEADER_CHARS
    for line in mail.headers.lines():
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return "\n".join(lines)
