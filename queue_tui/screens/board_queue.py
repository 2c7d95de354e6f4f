"""The queue as the board opens it: with one list, and a way back."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from monitor.store.lists import View
from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.flows.reading import ALL, Asked
from queue_tui.keys import remapped
from queue_tui.screens.queue_screen import QueueScreen


def queue_of(house: House, clerk: Clerk, who: str, view: View, title: str) -> Screen[Any]:
    """The queue screen on a view; Esc leaves it."""
    return _FilteredQueue(house, clerk, who, view, title)


class _FilteredQueue(QueueScreen):
    BINDINGS = [Binding("escape", "leave", "back to the board", show=False)]

    def __init__(self, house: House, clerk: Clerk, who: str, view: View, title: str) -> None:
        super().__init__(house, clerk, who, remapped(house.config.keys))
        self._given = Asked(title, ALL, view=view)
        self.finding.begin(self._given)

    def key_escape(self) -> None:
        """Leaving is a binding here, so that the composer's own Esc comes first."""

    def action_leave(self) -> None:
        if not self.step_back():
            self.keep_draft()
            self.dismiss(None)
