"""The header fields of a mail or of a part of it, as they come, broken or not, in Unicode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote_to_bytes

from connectors.mailbox.mime.charsets import codec_of, decode_bytes
from connectors.mailbox.mime.words import decode_words, on_one_line

Range = tuple[int, int]
"""Where something stands in the raw mail: its first byte, and the one after its last."""

# Charsets that write other letters in ASCII characters: bare, they look like text already.
_IN_ASCII = ("utf-7", "hz")
FIELD_CHARS = 256 * 1024
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
# White space before the colon is obsolete (RFC 5322, 4.5), and still written.
_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]{0,20}:(.*)$", re.MULTILINE)
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{1,40}|received|sender"
    rb"|reply-to|return-path|in-reply-to|references|delivered-to|x-[a-z0-9-]{1,60}|bcc|list-[a-z-]+"
    rb"|resent-[a-z-]+|auto-submitted|dkim-signature|organization|user-agent|precedence|importance)"
    rb"[ \t]{0,20}:",
    re.MULTILINE | re.IGNORECASE,
)
# One word and its value; RFC 2045, 5.1, wants the semicolons that many forget, and escapes for
# the quotes within quotes: one that neither a semicolon, the end nor a word follows closes none.
_PARAMETER = re.compile(
    r"(?<![\w!#$%&'*+.^`|~-])([\w!#$%&'*+.^`|~-]{1,60})\s{0,20}=\s{0,20}"
    r'(?:"((?:[^"\\]|\\.|"(?!\s{0,20}(?:;|$|[\w*-]{1,60}\s{0,20}=)))*)"?|([^;]*))',
    re.DOTALL,
)
_PARAMETER_CHARS = 4096
_PARAMETERS_MOST = 100
_USUAL_CHARS = 200
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*?)")
_EXTENDED_ANYWAY = re.compile(r"[\w-]{2,30}'[\w-]{0,20}'\S*%[0-9A-Fa-f]{2}\S*")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_BARE_ID = re.compile(r"(?<![^\s<>,;])[^\s<>,;]{1,990}@[^\s<>,;]{1,500}")


class Headers:
    """Fields in their order; values are unfolded bytes until somebody asks for them."""

    __slots__ = ("_by_name", "_in_ascii", "_likely", "fields")

    def __init__(self, fields: list[tuple[bytes, bytes]]) -> None:
        self.fields = fields
        self._likely = self._in_ascii = ""
        self._by_name: dict[bytes, list[bytes]] = {}
        for name, value in fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower().encode("ascii") in self._by_name

    def values(self, name: str) -> Iterator[str]:
        """Each field of that name, unfolded and still encoded."""
        return map(self._unicode, self._by_name.get(name.lower().encode("ascii"), ()))

    def lines(self) -> Iterator[str]:
        """Every field as people read it, on a line of its own."""
        for name, value in self.fields:
            text = self._unicode(value)
            if "=?" in text or not text.isascii() or "\x1b" in text:
                text = decode_words(text)
            yield f"{name.decode('ascii')}: {on_one_line(text)}"

    def expect(self, charset: str) -> None:
        """The charset that bytes beyond ASCII are likely to be in: the body's."""
        self._likely = charset
        self._in_ascii = charset if charset and codec_of(charset) in _IN_ASCII else ""

    def _unicode(self, value: bytes) -> str:
        value = value[:FIELD_CHARS]
        if value.isascii() and not self._in_ascii and b"\x1b" not in value:
            return value.decode("ascii")
        return decode_bytes(value, self._in_ascii, self._likely)

    def value(self, name: str) -> str:
        """The first field of that name that says something, "" where there is none."""
        return next((value for value in self.values(name) if value), "")

    def text(self, name: str) -> str:
        """The first such field as text on one line."""
        return on_one_line(decode_words(self.value(name)))


def read_fields(block: bytes) -> Headers:
    """The fields of a header block; lines that are none are passed over."""
    if b"\x00" in block:
        block = block.replace(b"\x00", b"")
    found = _FIELD.findall(_FOLD.sub(b"", block))
    return Headers([(name, value.strip()) for name, value in found])


def end_of_fields(block: bytes) -> int:
    """Where the header ends that no empty line ends: before the first line that is no field.

    Lines of nonsense with known fields after them belong to the header all the same.
    """
    known = 0
    for match in _KNOWN.finditer(block):
        known = match.end()
    position = known
    if not known:
        return 0
    for line in block[known:].splitlines(keepends=True):
        if position > known and not (line[:1] in (b" ", b"\t") or _FIELD.match(line)):
            return position
        position += len(line)
    return len(block)


def without_fields(block: bytes) -> bool:
    """Whether no line of it is a field that mails have."""
    return _KNOWN.search(block) is None


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A field's value in lower case, and its parameters (RFC 2045, RFC 2231), decoded."""
    return _usual_parameters(value) if len(value) <= _USUAL_CHARS else _parameters(value)


def _parameters(value: str) -> tuple[str, Mapping[str, str]]:
    head = re.split(r"[;\s]", value.strip(), maxsplit=1)[0].lower()
    if "=" not in value:
        return head, {}
    found: dict[str, list[tuple[int, bool, str]]] = {}
    matches = _PARAMETER.finditer(value[:_PARAMETER_CHARS], len(head))
    for match in islice(matches, _PARAMETERS_MOST):
        text = _unquoted(match[2]) if match[2] is not None else match[3].strip()
        section = _SECTION.fullmatch(match[1].lower())
        if section:
            number = int(section[2]) if section[2] else -1
            found.setdefault(section[1], []).append((number, bool(section[3]), text))
    return head, {name: _joined(sections) for name, sections in found.items()}


# Most mails say one of a few things.
_usual_parameters = lru_cache(maxsize=1024)(_parameters)


def _unquoted(text: str) -> str:
    # A path of Windows is no escape: only quotes and backslashes are ever escaped.
    return re.sub(r'\\(["\\])', r"\1", text) if "\\" in text else text


def _joined(sections: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: a value in numbered sections, or extended, or as it stands."""
    numbered = sorted({number: s for s in sections if (number := s[0]) >= 0}.items())
    extended = next((s for s in sections if s[0] < 0 and s[1]), None)
    if extended:
        return _extended([extended])
    plain = next((s for s in sections if s[0] < 0), None)
    if numbered and (plain is None or len(numbered) > 1):
        return _extended([section for _, section in numbered])
    assert plain
    if _EXTENDED_ANYWAY.fullmatch(plain[2]):
        return _extended([(-1, True, plain[2])])
    return decode_words(plain[2])


def _extended(sections: list[tuple[int, bool, str]]) -> str:
    if not any(section[1] for section in sections):
        return decode_words("".join(section[2] for section in sections))
    charset, first = "", sections[0][2]
    if sections[0][1] and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    data = b""
    for (_, percent, _), text in zip(sections, [first, *(s[2] for s in sections[1:])], strict=True):
        plain = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(plain) if percent else plain
    text = decode_bytes(data, charset)
    return decode_words(text) if "=?" in text else text


def message_ids(values: Iterator[str], most: int) -> list[str]:
    """The Message-IDs of fields, at most so many: the first, and the last of the others."""
    ids: list[str] = []
    for value in values:
        found = _MESSAGE_ID.findall(value)
        ids += found or [f"<{bare}>" for bare in _BARE_ID.findall(value)]
    return ids if len(ids) <= most else [ids[0], *ids[-(most - 1) :]]
