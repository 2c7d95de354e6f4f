"""How many columns of a terminal a cleaned text takes."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width


def width(text: str) -> int:
    """Columns: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def pad(text: str, columns: int) -> str:
    """The text filled to exactly so many columns, or cut there with a `~` that says so."""
    used = width(text)
    if used > columns:
        short, used = cut(text, max(0, columns - 1))
        text, used = (f"{short}~", used + 1) if columns > 0 else ("", 0)
    return text + " " * (columns - used)


def cut(text: str, columns: int) -> tuple[str, int]:
    """The longest beginning that fits into so many columns, and how many it takes."""
    if text.isascii() and columns >= 0:
        return text[:columns], min(len(text), columns)
    used = 0
    for number, char in enumerate(text):
        wide = _char_width(char)
        if used + wide > columns:
            return text[:number], used
        used += wide
    return text, used


def _char_width(char: str) -> int:
    if (
        combining(char)
        or category(char) in ("Mn", "Me", "Mc", "Cf")
        or "\u1160" <= char <= "\u11ff"
    ):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
