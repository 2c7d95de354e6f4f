"""The Textual application around the queue screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.screen import Screen

from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.keys import keymap, remapped
from queue_tui.notices import Notices
from queue_tui.paint_guard import PaintGuard
from queue_tui.palette import Commands
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.themes import Dressed


class QueueApp(Dressed):
    """One screen, and a clerk who goes to the store for it."""

    CSS_PATH = "queue.tcss"
    TITLE = "replyby"
    COMMANDS: ClassVar = {Commands}

    def __init__(self, house: House, who: str) -> None:
        super().__init__()
        self.dress(house.config.terminal)
        self._house = house
        self._who = who
        self._clerk = Clerk(house)
        self._keys = remapped(house.config.keys)

    def compose(self) -> ComposeResult:
        yield Notices(self._house, self._clerk, self._who)

    def on_mount(self) -> None:
        self._filters.append(PaintGuard())
        self.set_keymap(keymap(self._keys))
        self.push_screen(self.first())

    def first(self) -> Screen[None]:
        """The screen that it opens with."""
        return QueueScreen(self._house, self._clerk, self._who, self._keys)

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
