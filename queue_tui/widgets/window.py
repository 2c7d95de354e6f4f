"""The stretch of a long list that is held: rows around the cursor, and how many lie beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.message import Conversation

PAGE = 200
MOST = 600
_BEFORE = 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that follow one another in a list; whether its first and its last are among them."""

    rows: Sequence[Conversation]
    at_top: bool = True
    at_end: bool = True


class Window:
    """At most `MOST` rows; how many lie before and behind them is as good as the last count.

    `generation` changes when another part of the list is held; reading the same again keeps it.
    """

    def __init__(self) -> None:
        self.rows: list[Conversation] = []
        self.at_top = self.at_end = True
        self.generation = 0
        self.guest: int | None = None
        self._above = 0
        self._total: int | None = None
        self._index: dict[int, int] = {}

    @property
    def above(self) -> int:
        """How many rows lie before the first that is held."""
        if self.at_top:
            return 0
        counted = (self._total or 0) - len(self.rows) if self.at_end else self._above
        return max(1, counted)

    @property
    def total(self) -> int:
        """How many rows the whole list has."""
        known = self.above + len(self.rows)
        return known if self.at_end else max(known + 1, self._total or 0)

    def index(self, conversation: int | None) -> int | None:
        """Where a conversation stands among the rows that are held."""
        return self._index.get(conversation) if conversation is not None else None

    def counted(self, total: int, above: int) -> None:
        """What a count of the whole list said."""
        self._total, self._above = total, above

    def replace(self, held: Stretch) -> None:
        """Hold this stretch instead."""
        if held.rows and not self.rows:
            self.generation += 1
        self.guest = None
        self.at_top, self.at_end = held.at_top, held.at_end
        self._hold(list(held.rows))

    def clear(self) -> None:
        """Hold nothing: another part of the list is to come."""
        self.generation += 1
        self.replace(Stretch(()))

    def keep(self, guest: Conversation, index: int) -> None:
        """Keep a row at its place that is no longer in the list, until the next `replace`."""
        rows = list(self.rows)
        rows.insert(min(index, len(rows)), guest)
        self.guest = guest.id
        self._hold(rows)

    def extend(self, held: Stretch, *, backwards: bool) -> None:
        """Hold this stretch too, and let go of what is farthest from it."""
        self.generation += 1
        fresh = [row for row in held.rows if row.id not in self._index]
        if backwards:
            self.at_top = held.at_top
            self._above = max(0, self._above - len(fresh))
            rows = [*fresh, *self.rows]
            self.at_end = self.at_end and len(rows) <= MOST
            self._hold(rows[:MOST])
        else:
            self.at_end = held.at_end
            rows = [*self.rows, *fresh]
            dropped = max(0, len(rows) - MOST)
            self._above, self.at_top = self.above + dropped, self.at_top and not dropped
            self._hold(rows[dropped:])

    def anchor(self, top: int) -> Conversation | None:
        """The row from which to read again what is around `top`; None for the list's own top."""
        start = top - _BEFORE
        if start <= 0 and self.at_top:
            return None
        listed = (row for row in self.rows[max(0, start) :] if row.id != self.guest)
        return next(listed, None)

    def edge(self, *, backwards: bool) -> Conversation | None:
        """The first or the last row that is held and in the list."""
        rows = self.rows if backwards else reversed(self.rows)
        return next((row for row in rows if row.id != self.guest), None)

    def _hold(self, rows: list[Conversation]) -> None:
        self.rows = rows
        self._index = {row.id: number for number, row in enumerate(rows)}
