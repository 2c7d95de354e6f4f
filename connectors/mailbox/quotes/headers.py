"""Header lines of a quoted mail, as Outlook and its kin set them over it, in all languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from connectors.mailbox.quotes import languages
from connectors.mailbox.quotes.attribution import UNSEEN, plain

_LINES_MOST = 60
_CONTINUED_MOST = 3
_NAME_CHARS = 40
_INLINE_NAME = re.compile(r"(?:^|[\s*])([^\W\d_][^\W\d_]{1,14})\*?\s?[:：]\*?(?=\s)")


class Role(StrEnum):
    """What a header line tells, whatever the language calls it."""

    SENDER = "sender"
    SENT = "sent"
    TO = "to"
    COPY = "copy"
    SUBJECT = "subject"


_ROLES: dict[str, frozenset[Role]] = {}
for _role in Role:
    for _word in languages.words(_role.value):
        _ROLES[_word] = _ROLES.get(_word, frozenset()) | {_role}
_NONE: frozenset[Role] = frozenset()


def roles(line: str) -> frozenset[Role]:
    """What the line may be in a header block; some words mean two things in two languages."""
    colon = line.find(":", 0, _NAME_CHARS)
    if not line.isascii():
        wide = line.find("：", 0, _NAME_CHARS)
        colon = wide if colon < 0 or 0 <= wide < colon else colon
        line = line[: colon + 1].translate(UNSEEN)
    if colon < 0:
        return _NONE
    name = line[:_NAME_CHARS].partition("：" if "：" in line[: colon + 1] else ":")[0]
    return _ROLES.get(" ".join(name.strip("*_| \t>").lower().split()), _NONE)


def block_end(lines: Sequence[str], start: int, announced: bool) -> tuple[int, bool]:
    """The end of the header block that starts at `start`, and whether it is one.

    `announced` says that a separator stands above, so that fewer lines are proof. Where it is
    none, no block starts before the end that is given either.
    """
    seen: list[frozenset[Role]] = []
    last = position = start
    missed = 0
    while position < min(len(lines), start + _LINES_MOST) and missed <= _CONTINUED_MOST:
        found = roles(lines[position])
        if found and not (seen and found == seen[0]):
            seen.append(found)
            last, missed = position, 0
        elif found or not _continues(lines, position):
            break
        elif "@" not in lines[position]:
            missed += 1
        position += 1
    end = last + 1
    return (
        (end, True)
        if _is_block(seen, lines[start:end], announced)
        else (max(last, start) + 1, False)
    )


def _continues(lines: Sequence[str], position: int) -> bool:
    """A header's further line, or a blank between two of them."""
    if lines[position].strip():
        return True
    return position + 1 < len(lines) and bool(roles(lines[position + 1]))


def _is_block(seen: list[frozenset[Role]], lines: Sequence[str], announced: bool) -> bool:
    if len(seen) == 1:
        return _is_packed(lines[0])
    told = frozenset[Role]().union(*seen)
    if Role.SENDER not in told or not told & {Role.SENT, Role.SUBJECT}:
        return False
    if announced:
        return len(seen) >= 2
    text = "\n".join(lines)
    return len(seen) >= 3 and (Role.SUBJECT in told or "@" in text)


def _is_packed(line: str) -> bool:
    """All headers on one line, as some programs leave them."""
    if len(line) > 1000:
        return False
    names = [_ROLES.get(m[1].lower(), _NONE) for m in _INLINE_NAME.finditer(plain(line))]
    found = [name for name in names if name]
    return len(found) >= 3 and Role.SENDER in found[0] and Role.SUBJECT in _NONE.union(*found)
