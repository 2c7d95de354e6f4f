"""The Textual application around the lead's board."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App

from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.screens.board_screen import BoardScreen
from queue_tui.screens.queue_screen import QueueScreen


class BoardApp(App[None]):
    """The board at the bottom, the queue above it where somebody looks into a row."""

    CSS_PATH = "queue.tcss"
    TITLE = "replyby"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, house: House, who: str) -> None:
        super().__init__()
        self._house = house
        self._who = who
        self._clerk = Clerk(house)

    def on_mount(self) -> None:
        self.push_screen(BoardScreen(self._house, self._clerk, self._who))

    async def action_quit(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, QueueScreen):
                screen.keep_draft()
        self.exit()

    def on_unmount(self) -> None:
        self._clerk.finish()
