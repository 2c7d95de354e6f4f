"""Canned replies: read from the configuration and a folder, found by code, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.clean import clean_line, shown
from monitor.errors import ConfigError, DeskError
from monitor.message import Conversation
from monitor.settings import FilePath, Section

VARIABLES = {
    "customer": "the customer's name",
    "agent": "who answers",
    "desk": "the desk's name",
    "number": "the conversation's number",
    "subject": "its subject",
    "link": "its address on the platform",
    "account": "the account that it came to",
}
"""What a canned reply may leave to be filled in by replyby."""

_CODE = re.compile(r"[^\W_](?:[\w-]{0,38}[^\W_])?")
_BLANK = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,39})\}")
_ENDINGS = (".txt", ".md")
_WORD_LEAST = 3
_FILE_MOST = 100_000
_FILES_MOST = 1000


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(f"{shown(value)} is no code: letters, digits and - between them")
    return value


Code = Annotated[str, AfterValidator(_code)]


class CannedSection(Section):
    """`[canned]`: a folder of texts named by their codes, and texts by code."""

    folder: FilePath | None = None
    texts: dict[Code, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Canned:
    """A canned reply; its blanks are still open."""

    code: str
    text: str

    @property
    def blanks(self) -> frozenset[str]:
        """The names that it leaves open."""
        return frozenset(_BLANK.findall(self.text))


class CannedReplies:
    """All of them, by code."""

    def __init__(self, replies: Iterable[Canned] = ()) -> None:
        self._replies = {reply.code: reply for reply in sorted(replies, key=lambda r: r.code)}
        self.names = frozenset(VARIABLES).union(*(r.blanks for r in self._replies.values()))

    def __len__(self) -> int:
        return len(self._replies)

    def get(self, code: str) -> Canned:
        """The reply of this code; DeskError names those there are."""
        if code not in self._replies:
            known = ", ".join(list(self._replies)[:20]) or "none yet, see [canned] in config.toml"
            raise DeskError(f"there is no canned reply {shown(code)}; there is: {known}")
        return self._replies[code]

    def find(self, typed: str, most: int = 50) -> list[Canned]:
        """Those whose code begins with what was typed, then those with a word that does."""
        typed = typed.casefold()
        codes = [r for r in self._replies.values() if r.code.casefold().startswith(typed)]
        if len(typed) < _WORD_LEAST:
            return codes[:most]
        word = re.compile(rf"\b{re.escape(typed)}")
        texts = [
            r for r in self._replies.values()
            if r not in codes and word.search(f"{r.code} {r.text}".casefold())
        ]  # fmt: skip
        return [*codes, *texts][:most]

    def unresolved(self, text: str) -> tuple[str, ...]:
        """The blanks of canned replies that a text still holds: `{order}`, in their order."""
        names = dict.fromkeys(_BLANK.findall(text))
        return tuple(f"{{{name}}}" for name in names if name in self.names)


def read_canned(section: CannedSection) -> CannedReplies:
    """Both kinds; where a code stands in both, config.toml has the last word."""
    texts = dict(_in_folder(section.folder)) if section.folder else {}
    texts |= section.texts
    return CannedReplies(Canned(code, text.strip("\n")) for code, text in texts.items())


def values_of(conversation: Conversation, agent: str, desk: str) -> dict[str, str]:
    """What the variables stand for in this conversation; "" where it is not known."""
    return {
        "customer": conversation.customer_name,
        "agent": agent,
        "desk": desk,
        "number": str(conversation.id),
        "subject": conversation.subject,
        "link": conversation.url,
        "account": conversation.account,
    }


def expand(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known filled in, once; what isn't stays as it stands.

    A value can't bring a blank of its own: it is cleaned, and its braces become brackets.
    """

    def value(match: re.Match[str]) -> str:
        known = clean_line(values.get(match[1], ""), 500).strip()
        return known.replace("{", "(").replace("}", ")") or match[0]

    return _BLANK.sub(value, text)


def first_blank(text: str, names: Iterable[str]) -> tuple[int, int] | None:
    """Where the first of these blanks stands in the text, None where none is left."""
    wanted = set(names)
    return next((m.span() for m in _BLANK.finditer(text) if m[1] in wanted), None)


def _in_folder(folder: Path) -> Iterable[tuple[str, str]]:
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _ENDINGS)
    except OSError as error:
        raise ConfigError(f"[canned] folder {folder}: {error.strerror}") from None
    for path in paths[:_FILES_MOST]:
        yield _code_of(path), _text_of(path)


def _code_of(path: Path) -> str:
    code = path.stem.replace(" ", "-")
    if not _CODE.fullmatch(code):
        raise ConfigError(f"{path}: a file's name is its code: letters, digits and - between them")
    return code


def _text_of(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _FILE_MOST:
            raise ConfigError(f"{path}: a canned reply is a file of at most {_FILE_MOST:,} bytes")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from None
