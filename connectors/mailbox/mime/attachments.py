"""The files of a mail: listed at once, their content decoded when somebody asks for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from connectors.mailbox.mime import tnef
from connectors.mailbox.mime.charsets import decode_bytes
from connectors.mailbox.mime.headers import Headers, read_fields
from connectors.mailbox.mime.parts import content_of, disposition, name_of, size_of
from connectors.mailbox.mime.structure import Part
from connectors.mailbox.mime.uuencode import Block
from connectors.mailbox.mime.words import decode_words, on_one_line

_MAIL_TYPES = frozenset({"message/rfc822", "message/global"})
_EXTENSIONS = {
    "application/pdf": "pdf", "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png",
    "image/gif": "gif", "text/plain": "txt", "text/html": "html", "text/calendar": "ics",
    "text/csv": "csv", "application/pgp-signature": "asc", "application/pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m", "application/zip": "zip", "message/rfc822": "eml",
    "message/delivery-status": "txt", "text/rfc822-headers": "txt",
}  # fmt: skip
_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f/\\:*?\"<>|]+")
_NAME_CHARS = 100
_MAILS_NAMED = 100
_HEAD_BYTES = 16 * 1024


class AttachedFile:
    """One file of a mail, numbered from 1; `about` says what an attached mail is."""

    def __init__(
        self,
        number: int,
        name: str,
        type_: str,
        content: Callable[[], bytes],
        *,
        inline: bool = False,
        about: str = "",
        size: int | None = None,
    ) -> None:
        if size is not None:
            self.__dict__["size"] = size
        self.number = number
        self.name = name or f"part-{number}.{_EXTENSIONS.get(type_, 'bin')}"
        self.type = type_
        self.inline = inline
        self.about = about
        self._content = content

    @property
    def content(self) -> bytes:
        """The file's bytes, decoded anew each time: nothing large is held."""
        return self._content()

    @cached_property
    def size(self) -> int:
        """In bytes, decoded; of a damaged file what its lines promise, until it is decoded."""
        return len(self.content)

    @cached_property
    def md5(self) -> str:
        """In hexadecimal digits; it tells files apart, and protects nothing."""
        content = self.content
        self.__dict__["size"] = len(content)
        return hashlib.md5(content, usedforsecurity=False).hexdigest()


def listed(
    files: list[Part], blocks: list[Block], raw: bytes, charset: str
) -> tuple[AttachedFile, ...]:
    """Every file: the parts that are no text, what is in a winmail.dat, uuencoded blocks."""
    found: list[AttachedFile] = []
    for part in files:
        found += _of_part(part, raw, len(found) + 1)
    for block in blocks:
        name = decode_bytes(block.name, charset)
        found.append(_of_block(block, name, len(found) + 1))
    return tuple(found)


def _of_block(block: Block, name: str, number: int) -> AttachedFile:
    return AttachedFile(number, name, "application/octet-stream", lambda: block.content)


def _of_part(part: Part, raw: bytes, number: int) -> Iterator[AttachedFile]:
    name = name_of(part)
    if part.type in _TNEF_TYPES or name.lower() == "winmail.dat":
        inside = tnef.files(content_of(part, raw))
        if inside:
            yield from (_of_tnef(file, number + place) for place, file in enumerate(inside))
            return
    about = ""
    if part.type in _MAIL_TYPES and number <= _MAILS_NAMED:
        fields = _fields_inside(part, raw)
        about, name = _about(fields), name or _mail_name(fields)
    inline = disposition(part) == "inline" or "content-id" in part.headers
    yield AttachedFile(
        number,
        name,
        part.type,
        lambda: content_of(part, raw),
        inline=inline,
        about=about,
        size=size_of(part, raw),
    )


def _of_tnef(file: tnef.File, number: int) -> AttachedFile:
    return AttachedFile(number, file.name, file.type, lambda: file.content)


def _fields_inside(part: Part, raw: bytes) -> Headers:
    """The header of an attached mail, of which only the beginning is looked at."""
    start, end = part.body
    head = raw[start : min(end, start + _HEAD_BYTES)].lstrip(b"\r\n")
    return read_fields(re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0] + b"\n")


def _about(fields: Headers) -> str:
    named = ((name, _short(fields, name)) for name in ("From", "Subject", "Date"))
    return ", ".join(f"{name}: {text}" for name, text in named if text)


def _short(fields: Headers, name: str) -> str:
    return on_one_line(decode_words(fields.value(name)[:1000]))[:200]


def _mail_name(fields: Headers) -> str:
    subject = on_one_line(_NOT_IN_NAMES.sub(" ", _short(fields, "subject")))
    return f"{subject[:_NAME_CHARS]}.eml" if subject else ""
