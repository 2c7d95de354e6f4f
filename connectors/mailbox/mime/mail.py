"""One mail, read: who wrote what to whom, and which files came with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from connectors.mailbox.limits import Limits
from connectors.mailbox.mime import parts
from connectors.mailbox.mime.addresses import Mailbox, mailboxes
from connectors.mailbox.mime.attachments import AttachedFile, listed
from connectors.mailbox.mime.charsets import decode_bytes
from connectors.mailbox.mime.headers import Headers, message_ids
from connectors.mailbox.mime.html_source import tamed
from connectors.mailbox.mime.structure import Part, Structure
from connectors.mailbox.mime.uuencode import Block, split_blocks

if TYPE_CHECKING:
    from email.message import Message

_T = TypeVar("_T")

_LIMITS = Limits()
_SUBJECT_CHARS = 10_000
_SENDER = re.compile(
    rb"(?im)^from[ \t]*:[^\n]{0,500}?([^\s<>\"(),:;]{1,200}@[^\s<>\"(),:;]{1,200})"
)
_PREAMBLE_TO_SKIP = re.compile(r"multi-?\s?part|mime|mail reader|mail client", re.IGNORECASE)
_DELIMITERS_MOST = 1000
_WHOLE_BYTES = 1024 * 1024
_PGP_SIGNED, _PGP_ENCRYPTED = "[signed with PGP]", "[encrypted with PGP: replyby can't read it]"
_SMIME_SIGNED = "[signed with S/MIME]"
_SMIME_ENCRYPTED = "[encrypted with S/MIME: replyby can't read it]"
_LABELS_OF_TYPES = {
    "application/pgp-signature": _PGP_SIGNED,
    "application/x-pgp-signature": _PGP_SIGNED,
    "application/pgp-encrypted": _PGP_ENCRYPTED,
    "application/pkcs7-signature": _SMIME_SIGNED,
    "application/x-pkcs7-signature": _SMIME_SIGNED,
}
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ARMOUR = {
    "-----BEGIN PGP SIGNED MESSAGE-----": _PGP_SIGNED,
    "-----BEGIN PGP MESSAGE-----": _PGP_ENCRYPTED,
}


class Mail:
    """What a mail says; everything but its structure is worked out when it is first asked for.

    `problem` says why the mail could not be read, `notices` what was cut; no property raises.
    """

    def __init__(self, raw: bytes, limits: Limits, structure: Structure, problem: str = "") -> None:
        self.raw = raw
        self.problem = problem
        self._limits = limits
        self._structure = structure
        self.notices: list[str] = structure.notices

    @property
    def headers(self) -> Headers:
        """The fields of the mail itself."""
        return self._structure.root.headers

    @property
    def type(self) -> str:
        """The type of the whole, in lower case."""
        return self._structure.root.type

    @cached_property
    def from_(self) -> list[Mailbox]:
        """The authors, over all From fields there are."""
        return self._mailboxes("From")

    @cached_property
    def reply_to(self) -> list[Mailbox]:
        return self._addressed("Reply-To")

    @cached_property
    def sender(self) -> list[Mailbox]:
        return self._addressed("Sender")

    @cached_property
    def to(self) -> list[Mailbox]:
        return self._addressed("To")

    @cached_property
    def cc(self) -> list[Mailbox]:
        return self._addressed("Cc")

    @cached_property
    def bcc(self) -> list[Mailbox]:
        """Those a sent copy may still name."""
        return self._addressed("Bcc")

    @cached_property
    def delivered_to(self) -> list[Mailbox]:
        """For whom servers on the way took it: aliases and tagged addresses stand only there."""
        return [*self._addressed("Delivered-To"), *self._addressed("X-Original-To")]

    @cached_property
    def author(self) -> Mailbox:
        """The first From with an address, else the best of the other fields that name one."""
        with_domain = [mailbox for mailbox in self.from_ if "@" in mailbox.address]
        named = next((mailbox.name for mailbox in self.from_ if mailbox.name), "")
        for found in (with_domain, [m for m in self.from_ if m.address]):
            if found:
                return found[0]
        others = (
            m for name in ("Reply-To", "Sender", "Return-Path") for m in self._addressed(name)
        )
        other = next(others, Mailbox("", ""))
        return Mailbox(named or other.name, other.address)

    @property
    def from_addr(self) -> str:
        return self.author.address

    @property
    def from_name(self) -> str:
        return self.author.name

    @cached_property
    def subject(self) -> str:
        """On one line; "" where there is none."""
        return self._safely(lambda: self.headers.text("Subject")[:_SUBJECT_CHARS], "")

    @cached_property
    def message_id(self) -> str:
        """With its angle brackets; "" where there is none."""
        return next(iter(self.ids("Message-ID")), "")

    @cached_property
    def references(self) -> list[str]:
        return self.ids("References")

    @cached_property
    def in_reply_to(self) -> list[str]:
        return self.ids("In-Reply-To")

    def ids(self, name: str) -> list[str]:
        """The Message-IDs that a field holds, at most as many as the limits allow."""
        if name not in self.headers:
            return []
        most = self._limits.references
        return self._safely(lambda: message_ids(self.headers.values(name), most), [])

    @cached_property
    def date(self) -> datetime | None:
        """When the sender says that it was written; None where that is no date."""
        from email.utils import parsedate_to_datetime

        try:
            date = parsedate_to_datetime(self.headers.value("Date")[:200])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date

    @cached_property
    def written(self) -> str:
        """What the sender wrote: the plain text parts joined, else the HTML ones as text."""
        return self._safely(self._written, "")

    @cached_property
    def from_html(self) -> bool:
        """Whether `written` was made of HTML alone."""
        plain = any(part.type != "text/html" and data.strip() for part, data, _ in self._plain)
        return not plain and bool(self.html.strip())

    @cached_property
    def text(self) -> str:
        """`written`, and below it what we say of it: invites, attached mails, seals."""
        return "\n\n".join(filter(None, [self.written, *self.remarks]))

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """Blocks of lines about what a text can't show."""
        attached = (f"[attached mail: {file.about}]" for file in self.attachments if file.about)
        return (*self.invites, *attached, *self.labels)

    @cached_property
    def html_text(self) -> str:
        """The HTML parts as text, "" where there are none."""
        return self._safely(self._html_text, "")

    @cached_property
    def html(self) -> str:
        """The source of the HTML parts, cut where the limits say."""
        found = (p for p in self._roles.html if p.type == "text/html")
        return self._safely(lambda: "\n".join(map(self._source, found)), "")

    @cached_property
    def invites(self) -> tuple[str, ...]:
        """Calendar invites as lines."""
        return self._safely(lambda: tuple(dict.fromkeys(self._invites())), ())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """How the mail is signed or encrypted."""
        return self._safely(lambda: tuple(dict.fromkeys(self._labels())), ())

    @cached_property
    def attachments(self) -> tuple[AttachedFile, ...]:
        """Every file, pictures inside the text included."""
        return self._safely(self._attachments, ())

    @property
    def undivided(self) -> str:
        """All below the header as one text, whatever it is."""
        start = self._structure.root.body[0]
        data = self._structure.raw[start : start + self._limits.decoded_bytes]
        return decode_bytes(data)[: self._limits.text_chars]

    @cached_property
    def message(self) -> Message:
        """The header alone, as the standard library has it (compat32)."""
        from email import policy
        from email.parser import BytesHeaderParser

        parser = BytesHeaderParser(policy=policy.compat32)
        return parser.parsebytes(self._structure.head_bytes + b"\n")

    @cached_property
    def whole_message(self) -> Message:
        """The standard library's tree of the first MiB; the header alone where a tree of so
        many parts would take it too long, or is too deep for it."""
        from email import message_from_bytes, policy

        start, head = self._structure.head[1], self._structure.head_bytes
        raw = head + self._structure.raw[start : start + _WHOLE_BYTES]
        if raw.count(b"\n--") > _DELIMITERS_MOST:
            return self.message
        try:
            return message_from_bytes(raw, policy=policy.compat32)
        except _FAULTS:
            return self.message

    def _mailboxes(self, name: str) -> list[Mailbox]:
        if name not in self.headers:
            return []
        most = self._limits.recipients
        none: list[Mailbox] = []
        found = self._safely(lambda: mailboxes(self.headers.values(name), most + 1), none)
        if len(found) > most:
            self._notice(f"only the first {most:,} addresses of {name} were read")
        return found[:most]

    def _addressed(self, name: str) -> list[Mailbox]:
        return [mailbox for mailbox in self._mailboxes(name) if mailbox.address]

    @cached_property
    def _roles(self) -> parts.Roles:
        return self._safely(lambda: parts.roles(self._structure.root), parts.Roles())

    @cached_property
    def _plain(self) -> list[tuple[Part, bytes, tuple[Block, ...]]]:
        """The text parts with their bytes, and the files that were written into them."""
        found: list[tuple[Part, bytes, tuple[Block, ...]]] = []
        for part in self._roles.plain:
            if part.type == "text/html":
                found.append((part, b"", ()))
            else:
                rest, blocks = split_blocks(self._bytes(part))
                found.append((part, rest, blocks))
        return found

    def _written(self) -> str:
        texts = [
            self._html_as_text(part) if part.type == "text/html" else self._text(part, data)
            for part, data, _ in self._plain
        ]
        text = self._cut("\n".join(text.strip("\n") for text in texts).strip())
        return text or self.html_text or self._preamble()

    def _html_text(self) -> str:
        if not any(part.type == "text/html" for part in self._roles.html):
            return ""
        return self._cut("\n".join(map(self._as_text, self._roles.html)).strip())

    def _as_text(self, part: Part) -> str:
        return self._html_as_text(part) if part.type == "text/html" else self._source(part)

    def _html_as_text(self, part: Part) -> str:
        from connectors._text import html_to_text

        return html_to_text(self._source(part))

    def _source(self, part: Part) -> str:
        """A text part's characters; HTML such as can be read in reasonable time."""
        text = self._text(part, self._bytes(part))
        if part.type != "text/html":
            return text
        html, cut = tamed(text)
        if cut:
            self._notice("the HTML was cut: it has more tags than a letter needs")
        return html

    def _text(self, part: Part, data: bytes) -> str:
        text = self._cut(parts.characters(part, data))
        return parts.unflowed_text(part, text)

    def _bytes(self, part: Part) -> bytes:
        start, end = part.body
        if end - start > self._limits.decoded_bytes:
            self._notice(f"of a text of {end - start:,} bytes only the beginning was read")
        return parts.text_bytes(part, self._structure.raw, self._limits.decoded_bytes)

    def _preamble(self) -> str:
        """What some programs write before the first part and nowhere else."""
        root = self._structure.root
        if root.preamble is None or any(self._bodies()):
            return ""
        start, end = root.preamble
        text = self._text(root, self._structure.raw[start : min(end, start + 10_000)]).strip()
        return "" if _PREAMBLE_TO_SKIP.search(text) else text

    def _bodies(self) -> Iterator[Part]:
        yield from self._roles.plain
        yield from self._roles.html

    def _cut(self, text: str) -> str:
        most = self._limits.text_chars
        if len(text) > most:
            self._notice(f"the text was cut after {most:,} characters")
        return text[:most]

    def _invites(self) -> Iterator[str]:
        for part in self._structure.root.leaves():
            if part.type == "text/calendar":
                from connectors.mailbox.mime.invites import as_lines

                yield as_lines(self._source(part))

    def _labels(self) -> Iterator[str]:
        for part in self._structure.root.leaves():
            if part.type in _LABELS_OF_TYPES:
                yield _LABELS_OF_TYPES[part.type]
            elif part.type in _PKCS7:
                signed = part.params.get("smime-type", "").lower() == "signed-data"
                yield _SMIME_SIGNED if signed else _SMIME_ENCRYPTED
        yield from (label for mark, label in _ARMOUR.items() if mark in self.written)

    def _attachments(self) -> tuple[AttachedFile, ...]:
        blocks = [block for _, _, found in self._plain for block in found]
        charset = self._structure.root.charset
        return listed(self._roles.files, blocks, self._structure.raw, charset)

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)

    def _safely(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """The one place behind which a mail may be as broken as it likes."""
        try:
            return work()
        except _FAULTS as error:
            self._notice(f"a piece of this mail could not be read ({type(error).__name__})")
            return otherwise


_FAULTS = (RecursionError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError,
           AssertionError, MemoryError, UnicodeError)  # fmt: skip


def read_mail(raw: bytes, limits: Limits = _LIMITS) -> Mail:
    """The mail; one that can't be read has a `problem`, and its sender if it names one."""
    notices = []
    whole = raw
    if len(raw) > limits.mail_bytes:
        notices.append(f"only the first {limits.mail_bytes:,} of {len(raw):,} bytes were read")
        raw = raw[: limits.mail_bytes]
    try:
        mail = Mail(whole, limits, Structure(raw, limits))
    except _FAULTS as error:
        mail = _unreadable(whole, limits, type(error).__name__)
    mail.notices[:0] = notices
    return mail


def _unreadable(raw: bytes, limits: Limits, fault: str) -> Mail:
    found = _SENDER.search(raw[: limits.header_bytes])
    head = b"From: " + found[1] + b"\n\n" if found else b""
    return Mail(raw, limits, Structure(head, limits), f"this mail could not be read ({fault})")
