"""The two or three lines of config.toml that a prompt needs, where they are written plainly."""

from __future__ import annotations

from collections.abc import Collection

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
_WANTED = {"desk": ("database",), "accounts": ("name", "every")}
_TOP = {"desk": 1, "accounts": 2}  # how many brackets each has


class _NotPlain(Exception):
    """Something that only a real parser understands, or that is wrong."""


def plain(text: str) -> dict[str, object] | None:
    """`desk.database`, and `name` and `every` of each account; None where `tomllib` has to look.

    `tomllib` brings `re` and `typing` along, which together cost as much as Python's whole start.
    Whatever is not a comment, a header with a bare name or a key with its value on one line, is
    left to it: a value over several lines, a quoted or dotted key, an escape in a wanted string.
    """
    if '"""' in text or "'''" in text:
        return None
    try:
        return _read(text)
    except _NotPlain:
        return None


def _read(text: str) -> dict[str, object]:
    desk: dict[str, str] = {}
    accounts: list[dict[str, str]] = []
    section = desk
    wanted: Collection[str] = _TOP
    for line in (line.strip(" \t\r") for line in text.split("\n")):
        if line.startswith("["):
            name = _header(line)
            if name == "accounts":
                accounts.append({})
            section, wanted = accounts[-1] if name == "accounts" else desk, _WANTED.get(name, ())
        elif line and not line.startswith("#"):
            key, value = _pair(line)
            if wanted is _TOP and key in wanted:
                raise _NotPlain
            if key in wanted:
                section[key] = _string(value)
    return {"desk": desk, "accounts": accounts}


def _header(line: str) -> str:
    """The name of a section; of accounts there is a list, of the desk one."""
    name = line.partition("#")[0].rstrip(" \t")
    brackets = 2 if name.startswith("[[") else 1
    inner = name[brackets:-brackets]
    if name != "[" * brackets + inner + "]" * brackets or not inner or not _BARE.issuperset(inner):
        raise _NotPlain
    if inner in _TOP and brackets != _TOP[inner]:
        raise _NotPlain
    return inner


def _pair(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    key = key.rstrip(" \t")
    if not equals or not key or "." in key or not _BARE.issuperset(key):
        raise _NotPlain
    return key, value.lstrip(" \t")


def _string(value: str) -> str:
    quote = value[:1]
    text, closing, rest = value[1:].partition(quote or " ")
    rest = rest.lstrip(" \t")
    if quote not in ('"', "'") or not closing or "\\" in text or (rest and rest[0] != "#"):
        raise _NotPlain
    return text
