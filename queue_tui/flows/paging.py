"""Moving through a list of which only a stretch is held: on, to its ends, to any part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from monitor.desk import Desk
from monitor.store.lists import View, position
from queue_tui.flows.pages import Page, around, beyond, from_number
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.widgets.status_line import Tone
from queue_tui.widgets.window import Stretch


class Paging:
    """Fetches what the cursor comes near to, or is sent to."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading
        self._fetching = False

    def more(self, *, backwards: bool) -> None:
        """Hold the next page too; one such question at a time."""
        window = self._place.list.window
        edge = window.edge(backwards=backwards)
        if edge is None or self._fetching:
            return

        def then(held: Stretch) -> None:
            now = window.edge(backwards=backwards)
            if now and now.id == edge.id:  # else it would leave a gap
                self._place.list.extend(held, backwards=backwards)

        at = position(edge)
        self._fetch(lambda desk, view: beyond(desk, view, at, backwards=backwards), then)

    def top(self) -> None:
        """Put the cursor on the first row of the whole list."""
        if self._place.list.window.at_top:
            self._place.list.move_to(0)
        else:
            self._go(lambda desk, view: around(desk, view, None), 0)

    def bottom(self) -> None:
        """Put the cursor on the last row of the whole list."""
        if self._place.list.window.at_end:
            self._place.list.move_to(-1)
        else:
            self._go(lambda desk, view: beyond(desk, view, None, backwards=True), -1)

    def jump(self, part: float) -> None:
        """Put the cursor on the row that stands at this part of the whole list, from 0 to 1."""
        window = self._place.list.window
        wanted = int(part * (window.total - 1))
        if 0 <= wanted - window.above < len(window.rows):
            self._place.list.move_to(wanted - window.above)
        else:
            self._go(lambda desk, view: from_number(desk, view, wanted), 0)
            self._place.list.counted(window.total, wanted)

    def next_overdue(self, by: int) -> None:
        """Go to the next overdue one below (1) or above (-1), wherever in the list it stands."""
        queue, now = self._place.list, self._place.now_us()
        index = queue.window.index(queue.selected)
        at = -1 if index is None else index
        rows = list(enumerate(queue.rows))
        beyond_it = rows[at + 1 :] if by > 0 else rows[: max(0, at)][::-1]
        found = next((number for number, row in beyond_it if row.overdue(now)), None)
        if found is None:
            self._overdue_beyond(backwards=by < 0, now=now)
        else:
            queue.move_to(found)

    def _overdue_beyond(self, *, backwards: bool, now: int) -> None:
        """The same beyond the rows that are held."""
        window = self._place.list.window
        edge = window.edge(backwards=backwards)
        nothing = f"none {'above' if backwards else 'below'} is overdue"
        if edge is None or (window.at_top if backwards else window.at_end):
            self._place.say(nothing)
            return

        def page(desk: Desk, view: View) -> Stretch:
            late = replace(view, overdue_at=now)
            found = desk.page(late, 1, position(edge), backwards=backwards)
            return around(desk, view, found[0]) if found else Stretch(())

        self._go(page, 0, nothing)

    def _go(self, page: Page, index: int, nothing: str = "") -> None:
        """Hold this page and put the cursor on a row of it; say `nothing` where it is empty."""

        def then(held: Stretch) -> None:
            if not held.rows and nothing:
                self._place.say(nothing)
            if held.rows:
                queue = self._place.list
                queue.forget()
                queue.show(held, selected_now=None)
                queue.move_to(index)
                self._reading.stale = True

        self._fetch(page, then)

    def _fetch(self, page: Page, then: Callable[[Stretch], None]) -> None:
        place, asked = self._place, self._reading.asked
        self._fetching = True

        def call(desk: Desk) -> Stretch | None:
            view = asked.listed(desk, place.who)
            return page(desk, view) if view else None

        def done(held: Stretch | None) -> None:
            self._fetching = False
            if held is not None and asked == self._reading.asked:
                then(held)

        def failed(reason: str) -> None:
            self._fetching = False
            place.say(reason, Tone.FAULT)

        place.ask(call, done, failed)
