"""The Textual application around the queue screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.notices import Notices
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.themes import Dressed


class QueueApp(Dressed):
    """One screen, and a clerk who goes to the store for it."""

    CSS_PATH = "queue.tcss"
    TITLE = "replyby"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, house: House, who: str) -> None:
        super().__init__()
        self.dress(house.config.terminal)
        self._house = house
        self._who = who
        self._clerk = Clerk(house)

    def compose(self) -> ComposeResult:
        yield Notices(self._house, self._clerk, self._who)

    def on_mount(self) -> None:
        self.push_screen(QueueScreen(self._house, self._clerk, self._who))

    async def action_quit(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, QueueScreen):
                screen.keep_draft()
        self.exit()

    def on_unmount(self) -> None:
        self._clerk.finish()
