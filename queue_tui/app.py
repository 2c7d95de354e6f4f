"""The Textual application around the queue screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.keys import keymap, remapped
from queue_tui.paint_guard import PaintGuard
from queue_tui.palette import Commands
from queue_tui.screens.queue_screen import QueueScreen


class QueueApp(App[None]):
    """One screen, and a clerk who goes to the store for it."""

    CSS_PATH = "queue.tcss"
    TITLE = "replyby"
    COMMANDS: ClassVar = {Commands}

    def __init__(self, house: House, who: str) -> None:
        super().__init__()
        self._house = house
        self._who = who
        self._clerk = Clerk(house)
        self._keys = remapped(house.config.keys)

    def on_mount(self) -> None:
        self._filters.append(PaintGuard())
        screen = QueueScreen(self._house, self._clerk, self._who, self._keys)
        self.set_keymap(keymap(self._keys))
        self.push_screen(screen)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: ours are all that staff need."""
        return ()

    async def action_quit(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, QueueScreen):
                screen.keep_draft()
        self.exit()

    def on_unmount(self) -> None:
        self._clerk.finish()
