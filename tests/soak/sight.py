"""What somebody sees who looks at the terminal: nothing but the characters on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

_ORDER = re.compile(r"(?<![\d_:<])\d{6}(?![\d…])")  # not of an address, nor cut off
_SHOWN = re.compile(r"\s*#(\d+) ")
_CLAIMED = re.compile(r"claimed #(\d+)")
_ROW = re.compile(r"[ >](?:!!|! |  ) *\S+ (?:mail|x|fb) ")
_DRAFT = re.compile(r">.{11}(?:mail|x|fb) +>you(?: \d+m)? +[+^?x~* ]* *d[ b] ")
_OWN = re.compile(r">.{11}(?:mail|x|fb) +>you ")
_LEAVES = re.compile(r" the answer to #\d+ leaves in ")
_WIDE = 120


class Sight:
    """One look at a screen that is `columns` wide."""

    def __init__(self, lines: Sequence[str], columns: int) -> None:
        self.lines = lines
        self._wide = columns >= _WIDE

    def __str__(self) -> str:
        return "\n".join(self.lines)

    @property
    def headline(self) -> str:
        """The first line: whose queue it is, which list, and how many wait."""
        return self.lines[0]

    @property
    def status(self) -> str:
        """What just happened, or why nothing does."""
        return self.lines[-2].strip()

    @property
    def footer(self) -> str:
        """The keys."""
        return self.lines[-1]

    @property
    def composing(self) -> bool:
        """Whether an answer or a note is being written."""
        return self.footer.startswith("ctrl+s")

    @property
    def waiting(self) -> bool:
        """Whether the list has anybody."""
        return any(_ROW.match(line) for line in self.lines[1:])

    @property
    def on_own(self) -> bool:
        """Whether the cursor is on one that is one's own."""
        return any(_OWN.match(line) for line in self.lines)

    @property
    def draft_kept(self) -> bool:
        """Whether the row under the cursor says that a draft of it is kept."""
        return any(_DRAFT.match(line) for line in self.lines)

    @cached_property
    def conversation(self) -> list[str]:
        """The part of the screen where the conversation is read."""
        if self._wide:
            parts = (line.split("│") for line in self.lines[1:-2])
            return [part[1] for part in parts if len(part) > 1]
        begins = (n for n, line in enumerate(self.lines) if line.startswith("───"))
        below = self.lines[next(begins, len(self.lines)) + 1 : -2]
        return [line for line in below if not _LEAVES.match(line)]

    @property
    def shown(self) -> int | None:
        """The number of the conversation shown."""
        found = _SHOWN.match(self.conversation[0]) if self.conversation else None
        return int(found[1]) if found else None

    @property
    def last_words(self) -> str:
        """The last line of the conversation."""
        written = [line.strip() for line in self.conversation if line.strip()]
        return written[-1] if written else ""

    @property
    def claimed(self) -> int | None:
        """The conversation that has just been claimed."""
        found = _CLAIMED.match(self.status)
        return int(found[1]) if found else None

    @property
    def orders(self) -> set[int]:
        """The order numbers that can be read in the conversation."""
        return {int(number) for line in self.conversation for number in _ORDER.findall(line)}
