"""What a person at the desk has typed, pasted or edited: cleaned, however long an answer may be."""

from __future__ import annotations

from monitor.clean import Safe, clean_block

LINES, CHARS = 100_000, 1_000_000


def clean_typed(text: str) -> Safe:
    """All of it, where a customer's text would be cut much earlier."""
    return clean_block(text, lines=LINES, chars=CHARS)
