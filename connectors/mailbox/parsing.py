"""A mail as it came from the server → the incoming message that the desk understands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from connectors.mailbox.mime import Limits, Mail, read_mail
from connectors.mailbox.settings import is_address
from monitor.message import Attachment, IncomingMessage, Party

_ID_CHARS = 500
_HEADER_CHARS = 256 * 1024
_UNREADABLE_SUBJECT = "(a mail that could not be read)"


@dataclass(frozen=True, slots=True)
class Ours:
    """What tells our own mail and our own address from others'.

    `conversation_of` takes a Message-ID and gives the conversation that it proves to belong to,
    None where it isn't one of ours.
    """

    address: str
    conversation_of: Callable[[str], int | None]
    limits: Limits = field(default_factory=Limits)


def incoming(raw: bytes, arrived: datetime, ours: Ours) -> IncomingMessage:
    """How the desk sees a mail; one that can't be read is still a message, and says why."""
    mail = read_mail(raw, ours.limits)
    referred = [*mail.in_reply_to, *reversed(mail.references)]
    proven = next((c for c in map(ours.conversation_of, referred) if c is not None), None)
    author = _author(mail, ours.address)
    return IncomingMessage(
        ext_id=identity(mail),
        at=arrived,
        author=author,
        keys=tuple(dict.fromkeys(k[:_ID_CHARS] for k in (mail.message_id, *referred) if k)),
        subject=_UNREADABLE_SUBJECT if mail.problem else mail.subject,
        text="\n\n".join(filter(None, [mail.text, *(f"[cut: {n}]" for n in mail.notices)])),
        kind="email",
        to=tuple(mailbox.address for mailbox in (*mail.to, *mail.cc)),
        headers=_header_lines(mail),
        raw=raw,
        own_conversation=proven,
        automatic=_automatic(mail),
        ours="our own answer" if ours.conversation_of(mail.message_id) is not None else "",
        problem=mail.problem or _no_sender(author),
        attachments=tuple(
            Attachment(file.number, file.name, file.type, file.size) for file in mail.attachments
        ),
    )


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
    for name in ("From", "Date", "Subject"):
        digest.update("\n".join(mail.headers.values(name)).encode("utf-8", "surrogatepass"))
    digest.update(re.split(rb"\r?\n\r?\n", mail.raw, maxsplit=1)[-1])
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


def _automatic(mail: Mail) -> str:
    """Why the mail was written by a machine in answer to another; "" for everything else.

    `auto-generated` alone doesn't count: web forms say so of what their visitors write.
    """
    submitted = mail.headers.text("Auto-Submitted").lower()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return f"an automatic answer (Auto-Submitted: {submitted[:60]})"
    if mail.type == "multipart/report":
        return "a delivery report"
    if mail.headers.text("X-Autoreply") or mail.headers.text("X-Autorespond"):
        return "an automatic answer (X-Autoreply)"
    return ""


def _header_lines(mail: Mail) -> str:
    lines, left = [], _HEADER_CHARS
    for line in mail.headers.lines():
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return "\n".join(lines)
