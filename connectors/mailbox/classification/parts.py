"""What a delivery report carries besides its text: the status fields and the original mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from connectors.mailbox.classification.signs import sound
from connectors.mailbox.mime.charsets import decode_bytes
from monitor.clean import keepable

_MOST_PARTS = 200
_MOST_BLOCKS = 100
_CHARS = 50_000
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINAL = frozenset({"message/rfc822", "message/global", "message/partial", "message/news"})
_ORIGINAL_HEADERS = frozenset(
    {
        "text/rfc822-headers",
        "text/rfc822-header",
        "message/rfc822-headers",
        "message/global-headers",
    }
)
_READABLE = frozenset({"text", "message", "multipart"})
_FIELD = re.compile(r"^(message-id|to)[ \t]{0,9}:([^\n]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parts:
    """`status` are the fields of RFC 3464 as text; `original` those of the mail that came back.

    `loose` is all the text that there is, for reports whose parts are not marked as such.
    """

    status: str
    original: str
    has_original: bool
    loose: str

    def original_field(self, name: str) -> list[str]:
        """The values of one field of the original mail, the name in lower case."""
        return [value for key, value in _FIELD.findall(self.original) if key.lower() == name]


def parts_of(mail: Message) -> Parts:
    """One walk over the parts; what is inside the original mail isn't looked at."""
    status: list[str] = []
    original: list[str] = []
    loose: list[str] = []
    for part in _walk(mail):
        kind = part.get_content_type()
        if kind in _STATUS:
            status.extend(_blocks(part))
        elif kind in _ORIGINAL or kind in _ORIGINAL_HEADERS:
            original.extend(_original(part, kind))
        elif part is not mail and "message-id" in part:
            original.extend(_lines(part))
        elif not part.is_multipart():
            loose.append(_content(part))
    returned, texts = "\n".join(original)[:_CHARS], "\n".join(loose)[:_CHARS]
    return Parts("\n".join(status)[:_CHARS], returned, bool(original), texts)


def _walk(mail: Message) -> Iterator[Message]:
    """Every part but those inside attached mails, without recursion, and so many at most."""
    waiting = [mail]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        inner = _payload(part)
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting.extend(p for p in reversed(inner[:_MOST_PARTS]) if isinstance(p, Message))


def _payload(part: Message, *, decode: bool = False) -> object:
    try:
        return part.get_payload(decode=True) if decode else part.get_payload()
    except (ValueError, LookupError):
        return ""  # a charset or an encoding that the standard library stumbles over


def _blocks(part: Message) -> Iterator[str]:
    blocks = _payload(part)
    if not isinstance(blocks, list):
        yield _content(part)
        return
    for block in blocks[:_MOST_BLOCKS]:
        if isinstance(block, Message):
            yield from _lines(block)
            yield _content(block)


def _original(part: Message, kind: str) -> Iterator[str]:
    inner = _payload(part)
    if kind in _ORIGINAL and isinstance(inner, list):
        for mail in inner[:1]:
            if isinstance(mail, Message):
                yield from _lines(mail)
                yield _opening(mail)
        return
    yield _content(part)


def _opening(mail: Message) -> str:
    """Where the attached mail begins with an empty line, its header is in its body."""
    return "" if "message-id" in mail else _content(mail)


def _lines(block: Message) -> Iterator[str]:
    for name, value in block.raw_items():
        yield sound(f"{name}: {' '.join(str(value)[:2000].split())}")


def _content(part: Message) -> str:
    if part.is_multipart():
        return ""
    content = _payload(part, decode=True)
    if not isinstance(content, bytes) or part.get_content_maintype() not in _READABLE:
        return ""
    return keepable(decode_bytes(content[:_CHARS], "utf-8")).replace("\r\n", "\n")
