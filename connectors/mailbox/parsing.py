"""A mail as it came from the server → the incoming message that the desk understands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message

from connectors._text import html_to_text
from connectors.mailbox import headers
from connectors.mailbox.settings import is_address
from monitor.message import IncomingMessage, Party

_PARTS_MOST = 1000
_TEXT_CHARS = 1_000_000
_ID_CHARS = 500


@dataclass(frozen=True, slots=True)
class Ours:
    """What tells our own mail and our own address from others'.

    `conversation_of` takes a Message-ID and gives the conversation that it proves to belong to,
    None where it isn't one of ours.
    """

    address: str
    conversation_of: Callable[[str], int | None]


def incoming(raw: bytes, arrived: datetime, ours: Ours) -> IncomingMessage:
    """How the desk sees a mail; one that can't be read is still a message, and says why."""
    try:
        return _read(raw, arrived, ours)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        return _unreadable(raw, arrived, f"this mail could not be read ({type(error).__name__})")


def _read(raw: bytes, arrived: datetime, ours: Ours) -> IncomingMessage:
    mail = message_from_bytes(without_envelope_line(raw), policy=policy.compat32)
    own_id = next(iter(headers.message_ids(mail, "Message-ID")), "")
    replied = headers.message_ids(mail, "In-Reply-To")
    referred = [*replied, *reversed(headers.message_ids(mail, "References"))]
    proven = next((c for c in map(ours.conversation_of, referred) if c is not None), None)
    author = _author(mail, ours.address)
    return IncomingMessage(
        ext_id=identity(raw, mail, own_id),
        at=arrived,
        author=author,
        keys=tuple(dict.fromkeys(key[:_ID_CHARS] for key in (own_id, *referred) if key)),
        subject=headers.field(mail, "Subject"),
        text=text_of(mail)[:_TEXT_CHARS],
        kind="email",
        to=tuple(m.address for n in ("To", "Cc") for m in headers.mailboxes(mail, n)),
        headers=_header_lines(mail),
        raw=raw,
        own_conversation=proven,
        automatic=_automatic(mail),
        ours="our own answer" if ours.conversation_of(own_id) is not None else "",
        problem="" if author.address else "this mail names no sender who could be answered",
    )


def without_envelope_line(raw: bytes) -> bytes:
    """The mail without the "From " line that mbox puts before it."""
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw


def identity(raw: bytes, mail: Message, own_id: str) -> str:
    """What makes it the same mail again: its id and what its sender wrote, else every byte.

    The id alone won't do, for some senders use one again; every byte won't do for one with an
    id, for each way to us adds its own Received fields.
    """
    if not own_id:
        return f"sha256:{hashlib.sha256(raw).hexdigest()}"
    digest = hashlib.blake2b(digest_size=12)
    for name in ("From", "Date", "Subject"):
        digest.update("\n".join(headers.fields(mail, name)).encode("utf-8", "surrogatepass"))
    digest.update(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1])
    return f"{own_id[:_ID_CHARS]} {digest.hexdigest()}"


def text_of(mail: Message) -> str:
    """The plain text parts, else the HTML ones as text."""
    plain: list[str] = []
    html: list[str] = []
    for part in _text_parts(mail):
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        text = headers.decode_bytes(content, part.get_content_charset("us-ascii"))
        (html if part.get_content_subtype() == "html" else plain).append(text)
    texts = plain if any(text.strip() for text in plain) else [html_to_text(h) for h in html]
    return "\n".join(text.replace("\r\n", "\n").strip("\n") for text in texts).strip()


def _text_parts(mail: Message) -> Iterator[Message]:
    for number, part in enumerate(mail.walk()):
        if number >= _PARTS_MOST:
            return
        kind = part.get_content_type()
        inline = part.get_content_disposition() != "attachment" and part.get_filename() is None
        if kind in ("text/plain", "text/html") and inline and not part.is_multipart():
            yield part


def _author(mail: Message, own: str) -> Party:
    """Who is answered: Reply-To before From (RFC 5322, 3.6.2), with the name that From gives.

    Never ourselves, where anyone else is named: web forms write in our own name.
    """
    senders = headers.mailboxes(mail, "From") or headers.mailboxes(mail, "Sender")
    answered = headers.mailboxes(mail, "Reply-To") or senders
    good = [m for m in (*answered, *senders) if is_address(m.address)]
    good.sort(key=lambda m: m.address.casefold() == own.casefold())
    if not good:
        return Party("", senders[0].name if senders else headers.field(mail, "From")[:200])
    name = next((m.name for m in (*senders, *good) if m.name), "")
    return Party(good[0].address, name)


def _automatic(mail: Message) -> str:
    """Why the mail was written by a machine in answer to another; "" for everything else.

    `auto-generated` alone doesn't count: web forms say so of what their visitors write.
    """
    submitted = headers.field(mail, "Auto-Submitted").lower()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return f"an automatic answer (Auto-Submitted: {submitted[:60]})"
    if mail.get_content_type() == "multipart/report":
        return "a delivery report"
    if headers.field(mail, "X-Autoreply") or headers.field(mail, "X-Autorespond"):
        return "an automatic answer (X-Autoreply)"
    return ""


def _header_lines(mail: Message) -> str:
    lines, left = [], headers.HEADER_CHARS
    for name, value in mail.raw_items():
        line = f"{name}: {headers.decode_words(' '.join(str(value).split()))}"
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return "\n".join(lines)


def _unreadable(raw: bytes, arrived: datetime, problem: str) -> IncomingMessage:
    head = raw[: headers.HEADER_CHARS].decode("utf-8", "replace")
    sender = re.search(r"(?im)^from:[^\n]*?([^\s<>\"]+@[^\s<>\"]+)", head)
    return IncomingMessage(
        ext_id=f"sha256:{hashlib.sha256(raw).hexdigest()}",
        at=arrived,
        author=Party(sender[1] if sender and is_address(sender[1]) else ""),
        keys=(),
        subject="(a mail that could not be read)",
        text="",
        kind="email",
        raw=raw,
        problem=problem,
    )
