"""Address fields (RFC 5322, 3.4), in order and out of it, as names and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from connectors.mailbox.mime.words import decode_words, on_one_line


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, as a header field gives them."""

    name: str
    address: str


# What nearly every field looks like: one mailbox, nothing strange in it.
_PLAIN = re.compile(
    r'(?:"([^"\\=]*)"\s*|([^"\\,;:<>()@=]*))<([^\s<>@",;:()\\]+@[^\s<>@",;:()\\]+)>'
)
_BARE = re.compile(r"([^\s<>@\",;:()\\=]+@[^\s<>@\",;:()\\=]+)")
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r"|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?="
    r"|<[^<>\"]*>"
    r"|[^\s\",;:<>()=]+|\s+|.",
    re.DOTALL,
)
# It begins where a word begins, else a long word would be tried from each of its letters.
_ADDRESS = re.compile(
    r"(?<![^\s<>@\",;:()\[\]\\'])[^\s<>@\",;:()\[\]\\']{1,320}@[^\s<>@\",;:()\\']{1,320}"
)
_QUOTED_LOCAL = re.compile(r'"((?:[^"\\]|\\.){1,200})"@([^\s<>",;:()]+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:]{0,500}:")


_USUAL_CHARS = 200


def mailboxes(values: Iterable[str], most: int) -> list[Mailbox]:
    """The mailboxes of address fields that are unfolded and still encoded, at most so many."""
    return list(islice((m for value in values for m in _of_value(value)), most))


def _of_value(value: str) -> Iterable[Mailbox]:
    return _of_usual(value) if len(value) <= _USUAL_CHARS else _of_field(value)


@lru_cache(maxsize=1024)
def _of_usual(value: str) -> tuple[Mailbox, ...]:
    """Of a short field: a few addresses, our own before all, stand in most mails."""
    return tuple(_of_field(value))


def _of_field(value: str) -> Iterator[Mailbox]:
    value = value.strip()
    if plain := _PLAIN.fullmatch(value):
        yield Mailbox(on_one_line(plain[1] or plain[2] or ""), plain[3])
    elif bare := _BARE.fullmatch(value):
        yield Mailbox("", bare[1])
    else:
        yield from _merged(_read(piece) for piece in _pieces(value))


@dataclass(slots=True)
class _Piece:
    """What stands between two commas: words, comments and what is in angle brackets."""

    words: list[str]
    comments: list[str]
    angles: list[str]


def _pieces(value: str) -> Iterator[_Piece]:
    """The value cut at the commas that are outside of quotes, comments and angle brackets."""
    marks = _tokens(value)
    grouped = ";" in value
    balanced = value.count("(") == value.count(")")
    piece = _Piece([], [], [])
    depth = 0
    for mark in marks:
        if balanced and mark in "()":
            depth = max(0, depth + (1 if mark == "(" else -1))
            if depth == 0 or (depth == 1 and mark == "("):
                piece.comments.append(" ")
                continue
        if depth:
            piece.comments.append(mark)
        elif mark in ",;":
            yield piece
            piece = _Piece([], [], [])
        elif mark == ":" and grouped and not piece.angles:
            piece = _Piece([], [], [])  # the name of a group
        elif mark.startswith("<") and mark.endswith(">"):
            piece.angles.append(mark)
        else:
            piece.words.append(mark)
    yield piece


def _tokens(value: str) -> Iterator[str]:
    """Words, quoted strings, angle brackets and marks; a quote that never ends is no quote."""
    if value.count('"') % 2 == 0 and "\\" not in value:
        return (match[0] for match in _TOKEN.finditer(value))
    return _tokens_of_broken(value)


def _tokens_of_broken(value: str) -> Iterator[str]:
    position = 0
    while position < len(value):
        match = _TOKEN.match(value, position)
        assert match  # its last branch takes any character
        if match[0] == '"':
            rest = value[position:].replace('"', " ").replace("\\", "")
            yield from (match[0] for match in _TOKEN.finditer(rest))
            return
        yield match[0]
        position = match.end()


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece that is read: without an address it may be the first half of a name."""

    name: str
    address: str
    angle: bool


def _read(piece: _Piece) -> _Found:
    text = "".join(piece.words)
    if piece.angles:
        address = next((a for a in map(_inside, reversed(piece.angles)) if a), "")
        return _with_better_name(_phrase(text) or _phrase("".join(piece.comments)), address)
    comment = "".join(piece.comments)
    if quoted := _QUOTED_LOCAL.search(text):
        name = text[: quoted.start()] + text[quoted.end() :]
        return _Found(_phrase(name + comment), f'"{quoted[1]}"@{quoted[2]}', False)
    if bare := _ADDRESS.search(text):
        name = text[: bare.start()] + text[bare.end() :]
        return _Found(_phrase(name) or _phrase(comment), _word(bare[0]), False)
    return _without_angle(text, comment)


def _with_better_name(name: str, address: str) -> _Found:
    return _Found("" if name == address else name, address, True)


def _without_angle(text: str, comment: str) -> _Found:
    """No address in plain sight: it may be encoded together with its name, or in a comment."""
    decoded = decode_words(text) if "=?" in text else text
    for place in (decoded, comment):
        if bare := _ADDRESS.search(place):
            name = f"{place[: bare.start()]}{place[bare.end() :]}".strip(" <>\"'")
            return _Found(_phrase(text) if place is comment else _phrase(name), bare[0], False)
    return _Found(_phrase(text), "", False)


def _inside(angle: str) -> str:
    """The address in angle brackets, without white space, route or scheme."""
    address = _ROUTE.sub("", "".join(_word(angle[1:-1]).split()), count=1)
    return address[7:] if address[:7].lower() == "mailto:" else address


def _word(text: str) -> str:
    return decode_words(text).strip() if "=?" in text else text


def _phrase(text: str) -> str:
    """A name as it is meant: quotes and escapes taken off, encoded words decoded."""
    text = text.strip(" \t<>")
    if '"' in text:
        text = _ESCAPED.sub(r"\1", text.replace('\\"', "\\\x00")).replace('"', "")
        text = text.replace("\x00", '"')
    return on_one_line(decode_words(text))


def _merged(found: Iterable[_Found]) -> Iterator[Mailbox]:
    """Names with a comma that nobody quoted put together again."""
    before: list[str] = []
    none_yet, name_alone = True, ""
    for one in found:
        if one.address:
            none_yet = False
            names = [*before, one.name] if one.angle else [one.name]
            yield Mailbox(", ".join(filter(None, names)), one.address)
            before = []
        elif one.angle or not one.name:
            name_alone, before = one.name or name_alone, []
        else:
            before.append(one.name)
            del before[:-3]
    if none_yet and before:
        yield _without_domain(", ".join(before))
    elif none_yet and name_alone:
        yield Mailbox(name_alone, "")


def _without_domain(text: str) -> Mailbox:
    """A field with no address in it: one word is a local name, several are a person's."""
    return Mailbox(text, "") if " " in text else Mailbox("", text)
