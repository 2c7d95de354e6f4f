"""Text from outside made fit for a terminal, a log line or a page: the one place that does it."""

from __future__ import annotations

import re
import unicodedata
from typing import SupportsIndex

LINE_CHARS = 20_000
BLOCK_LINES = 500
_MARKS_MOST = 4
_REPLACEMENT = "\ufffd"


class Safe(str):
    """Text that holds nothing but what can be printed; only this module makes it."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> Safe:
        """A part of it, which is as safe."""
        return Safe(super().__getitem__(key))


# C0, DEL, C1, lone surrogates and the line and paragraph separators: shown as a mark.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
# Characters that reorder, hide or join their neighbours, and so break columns: dropped.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)
_NEWLINE = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_ASCII_PRINTABLE = re.compile("[ -~]*")


_NOT_KEEPABLE = re.compile("[\x00\ud800-\udfff]")


def keepable(text: str) -> str:
    """The text with what no database takes (NUL, lone surrogates) marked instead.

    Everything else is kept as it came: what is shown of it is cleaned when it is shown.
    """
    if "\0" not in text:
        try:
            text.encode()  # several times as fast as a search for surrogates
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _NOT_KEEPABLE.sub(_REPLACEMENT, text)


_UNSEEN = re.compile(f"(?:[\\s\u2800]|{_INVISIBLE.pattern})*")


def visible(name: str) -> str:
    """A name from its first character that is seen on; "" where nothing of it is."""
    begins = _UNSEEN.match(name)
    return name[begins.end() :] if begins else name


_SHORT = re.compile(r"[\w .:/+-]{0,24}")
_LIKE_A_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z]{3})")


def shown(value: str) -> str:
    """A value that is wrong where it stands, quoted unless it might be a secret."""
    harmless = _SHORT.fullmatch(value) and not _LIKE_A_SECRET.match(value)
    return f"'{value}'" if harmless else "this value"


def clean_line(text: str, limit: int = LINE_CHARS) -> Safe:
    """One printable line of at most `limit` characters; line breaks become spaces."""
    if len(text) <= limit and _ASCII_PRINTABLE.fullmatch(text):
        return Safe(text)
    head = text[: limit * 4]
    return Safe(_shorten(_printable(_NEWLINE.sub(" ", head).replace("\t", " ")), limit))


def clean_block(text: str, lines: int = BLOCK_LINES, chars: int = LINE_CHARS) -> Safe:
    """Several printable lines, cut after `lines` or `chars` with a notice that says so."""
    head = text[: chars * 4]
    rows = _NEWLINE.split(head)
    kept, left = [], chars + 1
    for row in rows[:lines]:
        line = _printable(row.expandtabs(4))
        kept.append(line[: max(0, left - 1)])
        left -= len(line) + 1
        if left <= 0:
            break
    cut = len(text) > len(head) or len(kept) < len(rows) or left < 0
    if cut:
        kept.append("[cut here: the rest is kept, and shown by `replyby show`]")
    return Safe("\n".join(kept))


def _printable(text: str) -> str:
    if _ASCII_PRINTABLE.fullmatch(text):
        return text
    text = _INVISIBLE.sub("", _CONTROL.sub(_REPLACEMENT, text))
    text = _NONCHARACTERS.sub(_REPLACEMENT, text)
    return text if text.isascii() else _few_marks(text)


def _few_marks(text: str) -> str:
    """Keep at most four combining marks on a letter: more climb into the lines above."""
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MARKS_MOST:
            kept.append(char)
    return "".join(kept)


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
