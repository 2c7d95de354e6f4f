"""Where the parts of a mail stand in its raw source (RFC 2046), found without copying them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from connectors.mailbox.limits import Limits
from connectors.mailbox.mime.headers import (
    Headers,
    Range,
    end_of_fields,
    parameters,
    read_fields,
    without_fields,
)
from connectors.mailbox.mime.transfer import encoding_of

_LONE_CR = re.compile(rb"\r(?!\n)")
_ENVELOPE = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")
_ENVELOPES_MOST = 5
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_VITAL = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|reply-to|in-reply-to|references|content-type"
    rb"|content-transfer-encoding|auto-submitted|precedence|return-path)[ \t]*:[^\n]{0,4000}\n",
    re.MULTILINE | re.IGNORECASE,
)
_BY_MACHINE = re.compile(
    rb"^(?:received|message-id|mime-version|content-type|return-path|delivered-to|x-[a-z-]+):",
    re.MULTILINE | re.IGNORECASE,
)
_VITAL_MOST = 40
_GUESSED_BOUNDARY = re.compile(
    rb"^--([^\s\"][^\r\n\"]{0,80}?)[ \t]*\r?\ncontent-", re.MULTILINE | re.IGNORECASE
)
_HEAD_SAMPLE = 64 * 1024
_DOUBLED_SAMPLE = 4096
_MISSES_MOST = 50_000
_SCANS_MOST = 3
_SCANNED_ANYWAY = 64 * 1024 * 1024
_VITAL_BYTES = 4 * 1024 * 1024
# A header without an empty line after it is looked for this far only.
_PART_HEAD_BYTES = 64 * 1024
_ODD_HEAD_BYTES = 8 * 1024
_NAME_BYTES = 200


@dataclass(slots=True)
class Part:
    """One entity: its fields, where its body stands, and the parts of a multipart."""

    headers: Headers
    body: Range
    type: str = "text/plain"
    params: Mapping[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    preamble: Range | None = None
    disposition: tuple[str, Mapping[str, str]] | None = None

    @property
    def multipart(self) -> bool:
        return bool(self.parts)

    @property
    def encoding(self) -> str:
        return encoding_of(self.headers.value("content-transfer-encoding"))

    @property
    def charset(self) -> str:
        return self.params.get("charset", "")

    def leaves(self) -> Iterator[Part]:
        """Every part that holds something, in the order of the mail."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


class Structure:
    """A raw mail, its head and its tree of parts; `notices` say what was cut."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self._limits = limits
        self.notices: list[str] = []
        self.raw = _with_line_ends(raw)
        self._parts_left = limits.parts
        self._misses_left = _MISSES_MOST
        self._scan_left = max(_SCANS_MOST * len(self.raw), _SCANNED_ANYWAY)
        self._crlf = self.raw.find(b"\r\n", 0, _HEAD_SAMPLE) >= 0
        start = _start(self.raw)
        self.head = self._head(start)
        self.root = self._root()

    def _head(self, start: int) -> Range:
        """Where the mail's own header block stands; empty where the mail has none."""
        end, _ = self._blank_line(start, len(self.raw))
        block = self.raw[start : min(end, start + self._limits.header_bytes)]
        if len(block) < end - start:
            last = block.rfind(b"\n") + 1
            block = block[:last] if 0 < len(block) - last < _NAME_BYTES else block
        if b"\x00" in block:
            return start, start if without_fields(block.replace(b"\x00", b"")) else end
        if without_fields(block) or (_ODD_LINE.match(block) and not _BY_MACHINE.search(block)):
            # Words before fields that only people write are a text that quotes a mail.
            return start, start
        if _odd(block) and (stop := end_of_fields(block)) < len(block):
            end = start + stop
        return start, end

    def _root(self) -> Part:
        start, end = self.head
        headers = read_fields(self.head_bytes)
        begin = self._after_blank_line(end)
        root = Part(headers, (begin, len(self.raw)))
        if end == start:
            root.body = (start, len(self.raw))
        page = end == start and _PAGE.match(self.raw, start)
        self._describe(root, "text/html" if page else "text/plain")
        headers.expect(root.charset)
        self._divide(root, 1)
        return root

    @cached_property
    def head_bytes(self) -> bytes:
        """The header block; of one over the limit its beginning and the fields that matter."""
        start, end = self.head
        most = self._limits.header_bytes
        if end - start <= most:
            return self.raw[start:end]
        self._notice(f"the header of {end - start:,} bytes was read in part")
        first = self.raw[start : start + most]
        rest = _VITAL.finditer(self.raw, start + most, min(end, start + most + _VITAL_BYTES))
        vital = [match[0] for _, match in zip(range(_VITAL_MOST), rest, strict=False)]
        return b"\n".join([first, *vital])

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)

    def _blank_line(self, start: int, end: int) -> Range:
        """Where the header ends, and where the body begins; the end of all where it never does."""
        raw = self.raw
        if raw.startswith((b"\n", b"\r\n"), start, end):
            return start, raw.find(b"\n", start, end) + 1
        usual, other = (b"\n\r\n", b"\n\n") if self._crlf else (b"\n\n", b"\n\r\n")
        at = raw.find(usual, start, end)
        before = raw.find(other, start, at if at >= 0 else end)
        if before >= 0:
            return before + 1, before + 1 + len(other) - 1
        if at >= 0:
            return at + 1, at + 1 + len(usual) - 1
        return end, end

    def _after_blank_line(self, position: int) -> int:
        if self.raw.startswith(b"\r\n", position):
            return position + 2
        return position + 1 if self.raw.startswith(b"\n", position) else position

    def _describe(self, part: Part, default: str) -> None:
        value = part.headers.value("content-type")
        kind, part.params = parameters(value) if value else (default, {})
        part.type = _TYPES.get(kind, kind) if "/" in kind or kind in _TYPES else default

    def _divide(self, part: Part, depth: int) -> None:
        """Find the parts of a multipart; what can't be divided stays one text."""
        if not part.type.startswith("multipart/"):
            return
        if depth >= self._limits.depth:
            self._notice(f"parts more than {self._limits.depth} levels deep were left as they are")
            return
        bodies = self._between(part, self._boundary(part))
        if not bodies and (guessed := self._guess(part)):
            bodies = self._between(part, guessed)
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for body in bodies:
            if self._parts_left <= 0:
                self._notice(f"only the first {self._limits.parts:,} parts were read")
                break
            self._parts_left -= 1
            part.parts.append(self._part(body, default, depth))

    def _part(self, where: Range, default: str, depth: int) -> Part:
        start, end = where
        head_end, body = self._blank_line(start, end)
        head_end = min(head_end, start + _PART_HEAD_BYTES)
        block = self.raw[start : min(head_end, start + _ODD_HEAD_BYTES)]
        if head_end == end or _odd(block):
            head_end = start + (end_of_fields(block) if not without_fields(block) else 0)
            body = self._after_blank_line(head_end)
        part = Part(read_fields(self.raw[start:head_end]), (min(body, end), end))
        self._describe(part, default)
        self._divide(part, depth + 1)
        return part

    def _boundary(self, part: Part) -> bytes:
        return part.params.get("boundary", "").strip().encode("utf-8", "surrogateescape")

    def _guess(self, part: Part) -> bytes:
        """The boundary that the header does not give, from the first line that looks like one."""
        start, end = part.body
        found = _GUESSED_BOUNDARY.search(self.raw, start, min(end, start + _HEAD_SAMPLE))
        return found[1] if found else b""

    def _between(self, part: Part, boundary: bytes) -> list[Range]:
        """What stands between the delimiter lines of a multipart (RFC 2046, 5.1.1).

        A part after the closing delimiter is still a part: better shown than lost.
        """
        start, end = part.body
        self._scan_left -= end - start
        if self._scan_left < 0:
            self._notice("so many large parts within parts were not divided")
        if not boundary or self._scan_left < 0:
            return []
        bodies: list[Range] = []
        opened = -1
        for line, after, closing in self._delimiters(b"--" + boundary, start, end):
            if opened >= 0:
                bodies.append((opened, max(opened, line)))
            elif part.preamble is None:
                part.preamble = (start, line)
            opened = -1 if closing else after
            if len(bodies) > self._parts_left:
                return bodies
        if opened >= 0 and (opened < end or not bodies):
            bodies.append((opened, end))
        return bodies

    def _delimiters(self, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Each delimiter line: where its line break before it begins, where it ends, and
        whether it closes the multipart."""
        raw, position = self.raw, start
        while (at := raw.find(mark, position, end)) >= 0:
            position = at + len(mark)
            closing = raw.startswith(b"--", position, end)
            after = _end_of_line(raw, position + 2 * closing, end)
            if after < 0 or (at > start and raw[at - 1] not in b"\n\r"):
                self._misses_left -= 1
                if self._misses_left < 0:
                    self._notice("too many lines look like boundaries; the rest was not divided")
                    return
                continue
            yield _before_line(raw, at, start), after, closing
            position = max(position, after - 1)


# A body that somebody saved without its header.
_PAGE = re.compile(rb"\s{0,1000}<(?:!doctype|html|\?xml|head|body|meta|div|table|p|span)\b", re.I)
_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "text/htm": "text/html"}


def _end_of_line(raw: bytes, position: int, end: int) -> int:
    """Where the line after nothing but white space begins; -1 where there is something else."""
    most = min(end, position + 200)
    while position < most and raw[position] in b" \t\r":
        position += 1
    if position >= end:
        return end
    return position + 1 if raw[position] in b"\n" else -1


def _before_line(raw: bytes, at: int, start: int) -> int:
    """The line break before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    if at > start and raw[at - 1] == 0x0A:
        at -= 1
    if at > start and raw[at - 1] == 0x0D:
        at -= 1
    return at


def _odd(block: bytes) -> bool:
    """Whether a line of the header block is neither a field nor folded."""
    return _ODD_LINE.search(block) is not None


_ODD_LINE = re.compile(rb"^(?![!-9;-~]{1,200}[ \t]{0,20}:|[ \t]|\r?$)", re.MULTILINE)


def _start(raw: bytes) -> int:
    """Where the first field begins: after a byte order mark, empty lines, mbox's "From " line."""
    head = raw[:_HEAD_SAMPLE].removeprefix(_BYTE_ORDER_MARK)
    position = min(len(raw), _HEAD_SAMPLE) - len(head.lstrip())
    for _ in range(_ENVELOPES_MOST):
        if not (match := _ENVELOPE.match(raw, position)):
            break
        position = match.end()
    return position


def _with_line_ends(raw: bytes) -> bytes:
    """The mail with line feeds, where its lines end in carriage returns alone or doubled."""
    if raw.find(b"\r", 0, _HEAD_SAMPLE) < 0:
        return raw
    if raw.find(b"\r\r\n", 0, _DOUBLED_SAMPLE) >= 0:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    head = raw[:_HEAD_SAMPLE]
    feed = head.find(b"\n")
    lone = _LONE_CR.search(head, 0, feed if feed >= 0 else len(head))
    lone_first = lone is not None and lone.start() != len(head) - 1 and lone.start() != feed - 1
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if lone_first else raw
