"""Mail header fields as they come, broken or not, in Unicode."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from inspect import signature

# RFC 2047; white space inside is wrong but common, so it is let through.
_ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[\w.:-]{1,40}(?:\*[\w-]*)?\?[bBqQ]\?)")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_ALIASES = {
    "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "euc-kr": "cp949", "iso-8859-8-i": "iso-8859-8", "x-sjis": "cp932", "shift_jis": "cp932",
    "iso-2022-jp": "iso-2022-jp-ext", "unicode-1-1-utf-7": "utf-7", "us-ascii": "utf-8",
    "ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "default": "utf-8", "unknown-8bit": "utf-8", "x-unknown": "utf-8",
}  # fmt: skip
# Newer releases refuse a whole field for one address that is odd; older ones know no strictness.
_LENIENT = {"strict": False} if "strict" in signature(getaddresses).parameters else {}
HEADER_CHARS = 256 * 1024


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, as a header field gives them."""

    name: str
    address: str


def decode_bytes(data: bytes, charset: str) -> str:
    """Text in the charset that is declared, or else the one it is likely to be in; never fails."""
    name = charset.strip().strip("\"'").lower()
    for candidate in (_ALIASES.get(name, name), "utf-8"):
        try:
            return data.decode(candidate)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def field(message: Message, name: str) -> str:
    """A header field's text on one line, "" where there is none."""
    value = _raw(message, name)
    return " ".join(decode_words(value).split())


def fields(message: Message, name: str) -> Iterator[str]:
    """Each field of that name, unfolded and still encoded."""
    wanted = name.lower()
    for key, value in message.raw_items():
        if key.lower() == wanted:
            yield _unfolded(value)


def decode_words(value: str) -> str:
    """RFC 2047 encoded words decoded, neighbours joined before their bytes are read."""
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub(r"\1", value)
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[end : match.start()]
        if pending and (between or match[1].lower() != charset):
            out.append(decode_bytes(pending, charset))
            pending = b""
        out.append(between)
        pending += _word_bytes(match[2], match[3])
        charset, end = match[1].lower(), match.end()
    if pending:
        out.append(decode_bytes(pending, charset))
    return "".join(out) + value[end:]


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def mailboxes(message: Message, name: str, most: int = 1000) -> list[Mailbox]:
    """The addresses of a field, at most so many; what has no address in it is left out."""
    values = [value[:HEADER_CHARS] for value in fields(message, name)]
    found = []
    for display, address in getaddresses(values, **_LENIENT)[:most]:
        address = decode_words(address).strip().strip("<>")
        if "@" in address:
            found.append(Mailbox(" ".join(decode_words(display).split()), address))
    return found


def message_ids(message: Message, name: str, most: int = 100) -> list[str]:
    """The ids of a field, at most so many: the first, and the last of the others."""
    ids = [i for value in fields(message, name) for i in _MESSAGE_ID.findall(value[:HEADER_CHARS])]
    return ids if len(ids) <= most else [ids[0], *ids[-(most - 1) :]]


def _raw(message: Message, name: str) -> str:
    return next(fields(message, name), "")[:HEADER_CHARS]


def _unfolded(value: object) -> str:
    text = str(value)
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        text = decode_bytes(text.encode("utf-8", "surrogateescape"), "utf-8")
    return re.sub(r"\r?\n[ \t]*", " ", text)
