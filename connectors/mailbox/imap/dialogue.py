"""Commands to an IMAP server, several in flight, and its answers taken apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from connectors.mailbox.imap.connection import Connection
from monitor.errors import ConnectorError

_LITERAL = re.compile(rb"~?\{(\d+)\+?\}\r?\n\Z")
_TOKEN = re.compile(rb'[()]|"(?:[^"\\]|\\.)*"|[^\s()"]+')
_ANSWER = re.compile(rb"\* (?:(\d{1,10}) )?([A-Z]+)", re.IGNORECASE)
_STATUS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")
_ASIDE_MOST = 64 * 1024


class Literal(NamedTuple):
    """Bytes that the server counted out; `data` is shorter than `size` where they were cut."""

    data: bytes
    size: int


Part = bytes | Literal
Keep = Callable[[int], int]
"""How many bytes to keep of a literal of a certain size."""


class Answer(NamedTuple):
    """An untagged answer: `* 23 FETCH ...` has the number 23 and the word FETCH."""

    number: int
    word: bytes
    parts: tuple[Part, ...]

    @property
    def text(self) -> bytes:
        """The first line, without its end."""
        first = self.parts[0]
        return first.rstrip(b"\r\n") if isinstance(first, bytes) else b""

    def code(self, name: bytes) -> int | None:
        """The number of a response code: `* OK [UIDNEXT 5]`."""
        found = re.match(rb"\* OK \[" + name + rb" (\d{1,20})\]", self.text, re.IGNORECASE)
        return int(found[1]) if found else None


class Refusal(ConnectorError):
    """The server's NO or BAD; `answer` is what it says itself."""

    def __init__(self, command: str, answer: str) -> None:
        super().__init__(f"the server refuses {command}: {answer}")
        self.answer = answer


def small(size: int) -> int:
    """What is kept of a literal where no mail was asked for."""
    return size if size <= _ASIDE_MOST else 0


class Dialogue:
    """A signed-in connection on which commands are told apart by tags of our own."""

    def __init__(self, imap: Connection) -> None:
        self._imap = imap
        self._numbers = itertools.count(1)
        self._done: dict[bytes, tuple[str, bytes]] = {}
        self.in_flight: dict[bytes, str] = {}

    @property
    def round_trip(self) -> float:
        """The shortest in seconds so far."""
        return self._imap.round_trip

    def grant(self, size: int) -> None:
        """Let the server send so many bytes more than it may unasked."""
        self._imap.grant(size)

    def start(self, *commands: str) -> list[bytes]:
        """Send commands in one go, without waiting for answers; their tags."""
        tags = [b"r%d" % next(self._numbers) for _ in commands]
        lines = [tag + b" " + c.encode("ascii") for tag, c in zip(tags, commands, strict=True)]
        send = self._imap.send_after if self.in_flight else self._imap.send
        send(b"\r\n".join(lines) + b"\r\n")
        self.in_flight.update(zip(tags, commands, strict=True))
        return tags

    def until(self, tag: bytes, keep: Keep = small) -> Iterator[Answer]:
        """Untagged answers until that command is done; Refusal where it was refused.

        Answers to other commands in flight are among them.
        """
        while tag not in self._done:
            if answer := self._next(keep):
                yield answer
        command, done = self._done.pop(tag)
        if not done.upper().startswith(b"OK"):
            raise Refusal(command[:40], done.decode("utf-8", "replace").strip()[:300])

    def run(self, *commands: str) -> Iterator[Answer]:
        """All untagged answers to commands sent in one go, the last of which has to succeed."""
        *before, last = self.start(*commands)
        for tag in before:
            try:
                yield from self.until(tag)
            except Refusal:
                continue
        yield from self.until(last)

    def _next(self, keep: Keep) -> Answer | None:
        line = self._imap.readline()
        if found := _ANSWER.match(line):
            return self._answer(line, int(found[1] or 0), found[2].upper(), keep)
        tag, _, rest = line.partition(b" ")
        if tag in self.in_flight:
            self._done[tag] = (self.in_flight.pop(tag), rest)
        elif line.strip() and not line.startswith(b"+"):
            raise ValueError("neither an answer nor the end of one")
        return None

    def _answer(self, line: bytes, number: int, word: bytes, keep: Keep) -> Answer:
        if word == b"BYE":
            raise self._imap.abort(line[6:].strip().decode("utf-8", "replace")[:200])
        parts: list[Part] = [line]
        while line.endswith((b"}\r\n", b"}\n")) and word not in _STATUS:
            counted = _LITERAL.search(line)
            if counted is None:
                break
            parts[-1] = line[: counted.start()]
            parts.append(self._literal(int(counted[1]), keep))
            line = self._imap.readline()
            parts.append(line)
        return Answer(number, word, tuple(parts))

    def _literal(self, size: int, keep: Keep) -> Literal:
        return Literal(self._imap.take(size, keep(size)), size)


def fetch_items(answer: Answer) -> dict[bytes, Part]:
    """The items of a FETCH answer by name, lists left out (RFC 3501, 7.4.2)."""
    tokens: list[Part] = []
    for part in answer.parts:
        if isinstance(part, Literal):
            tokens.append(part)
        else:
            tokens += _TOKEN.findall(part)
    inner = tokens[4:-1]  # between `* 23 FETCH (` and `)`
    flat = _without_lists(inner) if b"(" in inner else inner
    pairs = zip(flat[::2], flat[1::2], strict=False)
    return {name.upper(): item for name, item in pairs if isinstance(name, bytes)}


def _without_lists(tokens: Sequence[Part]) -> list[Part]:
    """The tokens with each list replaced by NIL."""
    flat: list[Part] = []
    depth = 0
    for token in tokens:
        if token == b"(":
            depth += 1
            if depth == 1:
                flat.append(b"NIL")
        elif token == b")":
            depth -= 1
        elif depth == 0:
            flat.append(token)
    return flat


def number(item: Part | None) -> int | None:
    """An item that is a number of at most 64 bits."""
    return int(item) if isinstance(item, bytes) and item.isdigit() and len(item) <= 20 else None


def string(item: Part | None) -> Literal | None:
    """An item that is text, in whatever way it was written; NIL is empty, anything else None."""
    if isinstance(item, Literal):
        return item
    if item is None or (item[:1] != b'"' and item.upper() != b"NIL"):
        return None
    data = re.sub(rb"\\(.)", rb"\1", item[1:-1], flags=re.DOTALL) if item[:1] == b'"' else b""
    return Literal(data, len(data))
