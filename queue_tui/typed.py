"""What a person at the desk has typed, pasted or edited: texts of any length, and paths."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.clean import Safe, clean_block

LINES, CHARS = 100_000, 1_000_000


def clean_typed(text: str) -> Safe:
    """All of it, where a customer's text would be cut much earlier."""
    return clean_block(text, lines=LINES, chars=CHARS)


def typed_path(text: str) -> Path:
    """The path that is meant; `~` is one's own folder, `~name` of nobody stays as it is."""
    # Not Path.expanduser, which raises where there is nobody of that name.
    return Path(os.path.expanduser(text))
