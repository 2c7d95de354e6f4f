"""Which parts of a mail are its text, and which are files (RFC 8621, 4.1.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.mailbox.mime.charsets import decode_bytes
from connectors.mailbox.mime.flowed import unflowed
from connectors.mailbox.mime.headers import parameters
from connectors.mailbox.mime.structure import Part
from connectors.mailbox.mime.transfer import decode, decoded_size, looks_like_base64
from connectors.mailbox.mime.words import on_one_line

_TEXTS = frozenset({"text/plain", "text/html"})
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_BYTES = 4096


@dataclass(slots=True)
class Roles:
    """`plain` is what is read where text is wanted, `html` where HTML is; both hold the parts
    of either kind that have no equivalent. `files` is everything else."""

    plain: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)


def roles(root: Part) -> Roles:
    """What each part is for."""
    found = Roles()
    _sort([root], "mixed", found, found.plain, found.html)
    return found


def _sort(
    parts: list[Part],
    multipart: str,
    found: Roles,
    plain: list[Part] | None,
    html: list[Part] | None,
    in_alternative: bool = False,
) -> None:
    """RFC 8621's algorithm; `plain` or `html` is None once the other kind was chosen."""
    plain_before, html_before = len(plain or ()), len(html or ())
    for number, part in enumerate(parts):
        if part.multipart:
            kind = part.type.partition("/")[2]
            inside = in_alternative or kind == "alternative"
            _sort(part.parts, kind, found, plain, html, inside)
        elif not _is_body(part, number, multipart):
            found.files.append(part)
        elif multipart == "alternative":
            target = html if part.type == "text/html" else plain
            if target is not None:
                target.append(part)
        else:
            if in_alternative:
                plain, html = (None, html) if part.type == "text/html" else (plain, None)
            for target in (plain, html):
                if target is not None:
                    target.append(part)
    if multipart == "alternative" and plain is not None and html is not None:
        _share(plain, html, plain_before, html_before)


def _share(plain: list[Part], html: list[Part], plain_before: int, html_before: int) -> None:
    """An alternative with one kind only serves for both."""
    if len(plain) == plain_before:
        plain += html[html_before:]
    elif len(html) == html_before:
        html += plain[plain_before:]


def _is_body(part: Part, number: int, multipart: str) -> bool:
    if kind_of(part) not in _TEXTS or disposition(part) == "attachment":
        return False
    return number == 0 or (multipart != "related" and not name_of(part))


def kind_of(part: Part) -> str:
    """The part's type; a multipart that could not be divided is read as plain text."""
    return "text/plain" if part.type.startswith("multipart/") else part.type


def disposition(part: Part) -> str:
    """The disposition (RFC 2183), "" where none is given."""
    return _disposition(part)[0]


def name_of(part: Part) -> str:
    """The name of the file, from either field that may give one; "" where none does."""
    name = _disposition(part)[1].get("filename") or part.params.get("name", "")
    return on_one_line(name.replace("\x00", ""))


def _disposition(part: Part) -> tuple[str, Mapping[str, str]]:
    if part.disposition is None:
        value = part.headers.value("content-disposition")
        part.disposition = parameters(value) if value else ("", {})
    return part.disposition


def content_of(part: Part, raw: bytes) -> bytes:
    """The part's bytes with its transfer encoding undone."""
    start, end = part.body
    return decode(raw[start:end], part.encoding)


def size_of(part: Part, raw: bytes) -> int | None:
    """How many bytes that is, where it can be told without decoding."""
    start, end = part.body
    return decoded_size(raw[start:end], part.encoding)


def text_bytes(part: Part, raw: bytes, most: int) -> bytes:
    """The same of a text, at most so many encoded bytes of it.

    Its encoding is not believed where the text itself denies it.
    """
    start, end = part.body
    data, encoding = raw[start : min(end, start + most)], part.encoding
    if encoding == "base64" and not looks_like_base64(data):
        return data
    return decode(data, encoding)


def characters(part: Part, data: bytes) -> str:
    """A text part's characters, with line feeds at the ends of its lines."""
    charset = part.charset
    if not charset and part.type == "text/html" and (meta := _META.search(data[:_META_BYTES])):
        charset = meta[1].decode("ascii", "replace")
    text = decode_bytes(data, charset).replace("\x00", "").lstrip("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unflowed_text(part: Part, text: str) -> str:
    """The text in the lines that its sender meant."""
    if part.params.get("format", "").lower() == "flowed" and part.type != "text/html":
        text = unflowed(text, part.params.get("delsp", "").lower() == "yes")
    return text
