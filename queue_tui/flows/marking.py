"""Which conversations an act is for: those that are marked, else the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.desk import Desk
from monitor.message import Conversation
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading

_MOST = 1000


class Marking:
    """Marks stay where they are while the list goes on; an act that was done takes its own away."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading

    @property
    def marked(self) -> set[int]:
        return self._place.list.marks.marked

    def targets(self) -> list[int]:
        """What an act is for now; none where the list is empty."""
        chosen = self._place.list.selected
        return sorted(self.marked) or ([] if chosen is None else [chosen])

    def mark(self) -> None:
        """Mark the one under the cursor, or unmark it, and go on to the next."""
        chosen = self._place.list.selected
        if chosen is not None:
            self.marked.symmetric_difference_update({chosen})
            self._place.list.move(1)
            self._redraw()

    def mark_all(self) -> None:
        """Mark all of the list; where all are marked, none."""
        place, asked, shown = self._place, self._reading.asked, list(self._place.list.rows)

        def then(rows: list[Conversation]) -> None:
            ids = {row.id for row in rows}
            if asked != self._reading.asked:
                return
            if ids <= self.marked:
                self.unmark()
            else:
                self.marked.update(ids)
                most = len(ids) == _MOST
                place.say(f"{'the first ' if most else ''}{len(ids):,} are marked")
            self._redraw()

        def call(desk: Desk) -> list[Conversation]:
            view = asked.listed(desk, place.who)
            return desk.page(view, _MOST) if view else shown

        place.ask(call, then)

    def unmark(self) -> bool:
        """Take all marks away; False where there were none."""
        had = bool(self.marked)
        self.marked.clear()
        if had:
            self._place.say("nothing is marked any more")
            self._redraw()
        return had

    def done(self, conversations: Iterable[int]) -> None:
        """These were acted on."""
        self.marked.difference_update(conversations)

    def _redraw(self) -> None:
        self._place.list.draw_changes()
        self._reading.headline()
