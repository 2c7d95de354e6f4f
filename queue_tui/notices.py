"""Rings, and notifies the desktop, when something of one's own is about to go over."""

from __future__ import annotations

import os
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from textual.widget import Widget

from monitor.desk import Desk
from monitor.message import Conversation
from monitor.store.lists import View
from monitor.wiring import House
from queue_tui.announcing import Announcements, notification
from queue_tui.clerk import Clerk
from queue_tui.events import Done, Failed

_FIRST, _LOOK = 1.0, 5.0
_MOST = 200


class Notices(Widget):
    """Not seen; an app that has one in it announces. It asks the clerk, as every screen does."""

    DEFAULT_CSS = "Notices { display: none; }"

    def __init__(self, house: House, clerk: Clerk, who: str) -> None:
        super().__init__()
        self._house = house
        self._clerk = clerk
        self._who = who
        self._settings = house.config.terminal
        zone = ZoneInfo(house.config.desk.timezone)
        self._announcements = Announcements(self._settings, zone)

    def on_mount(self) -> None:
        if self._settings.bell or self._settings.notify:
            self.set_timer(_FIRST, self.look)  # the first rows come before
            self.set_interval(_LOOK, self.look)

    def look(self) -> None:
        """Ask for what is one's own, and announce what is new about it."""
        self._clerk.ask(self, self._mine, self._announce)

    def on_done(self, event: Done) -> None:
        event.stop()
        event.then(event.result)

    def on_failed(self, event: Failed) -> None:
        """The screen says it already: it asks the same store more often."""
        event.stop()

    def _mine(self, desk: Desk) -> Sequence[Conversation]:
        return desk.page(View(assignee=self._who), _MOST)

    def _announce(self, mine: Sequence[Conversation]) -> None:
        notices = self._announcements.due(mine, self._house.clock())
        if notices and self._settings.bell:
            self.app.bell()
        if self._settings.notify:
            self._write("".join(notification(notice, os.environ) for notice in notices))

    def _write(self, sequences: str) -> None:
        """Textual has no door for these: its driver is asked as `App.bell` asks it."""
        driver = self.app._driver
        if sequences and driver and not self.app.is_headless:
            driver.write(sequences)
            driver.flush()
