"""Encoded words of header fields (RFC 2047), as mail programs really write them."""

from __future__ import annotations

import binascii
import re

from connectors.mailbox.mime.charsets import codec_of, decode_bytes
from connectors.mailbox.mime.transfer import from_base64

# White space inside is wrong but common, as is a last word that somebody has cut off.
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,40})?\?([bBqQ])\?([^?]*)(?:\?=|\?$|$)")
_Q_WITH_MARKS = re.compile(
    r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,40})?\?[qQ]\?((?:[^?]|\?(?!=)){0,300})\?="
)
_MARKED_WORDS_MOST = 200
_ESCAPE = "\x1b$"
_SPACES = re.compile(r"[ \t\r\n\f\v]+")


def on_one_line(text: str) -> str:
    """The text with each run of white space as one space; an ideographic space is a letter."""
    if text.isascii():
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip(" ")


def decode_words(value: str) -> str:
    """The value with its encoded words in Unicode; never fails.

    Neighbours in one charset are joined before their bytes are read, for many programs split
    a character between two words (RFC 2047, 5, forbids it).
    """
    if "=?" not in value:
        return _raw_japanese(value) if _ESCAPE in value else value
    value = _marks_escaped(value)
    out: list[str] = []
    run = _Run()
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        if run.words and (between.strip() or not run.takes(match)):
            out.append(run.text())
            run = _Run()
        if between.strip() or not end:
            out.append(between)
        run.add(match)
        end = match.end()
    if run.words:
        out.append(run.text())
    return "".join(out) + value[end:]


def _marks_escaped(value: str) -> str:
    """Question marks inside Q words as their codes: programs forget them (RFC 2047, 4.2)."""
    if value.count("=?") > _MARKED_WORDS_MOST or ("?Q?" not in value and "?q?" not in value):
        return value
    return _Q_WITH_MARKS.sub(_escape_marks, value)


def _escape_marks(match: re.Match[str]) -> str:
    text = match[2]
    if "?" not in text or "=?" in text:
        return match[0]
    head = match[0][: match.start(2) - match.start()]
    return f"{head}{text.replace('?', '=3F')}?="


def _raw_japanese(value: str) -> str:
    return decode_bytes(value.encode("utf-8", "surrogateescape"), "iso-2022-jp")


class _Run:
    """Neighbouring encoded words whose bytes belong together."""

    def __init__(self) -> None:
        self.words: list[re.Match[str]] = []

    def takes(self, word: re.Match[str]) -> bool:
        return codec_of(word[1]) == codec_of(self.words[0][1])

    def add(self, word: re.Match[str]) -> None:
        self.words.append(word)

    def text(self) -> str:
        pieces: list[bytes] = []
        carried = ""
        for word in self.words:
            data = word[3]
            if word[2] in "qQ":
                pieces.append(_from_q(data))
                continue
            # Base64 that is cut inside its groups of four goes on in the next word.
            data = carried + "".join(data.split())
            whole = len(data) if data.endswith("=") else len(data) // 4 * 4
            pieces.append(from_base64(data[:whole].encode("utf-8", "surrogateescape")))
            carried = data[whole:]
        if carried:
            pieces.append(from_base64(carried.encode("utf-8", "surrogateescape")))
        return decode_bytes(b"".join(pieces), self.words[0][1]).replace("\x00", "")


def _from_q(text: str) -> bytes:
    return binascii.a2b_qp(text.encode("utf-8", "surrogateescape"), header=True)
