"""The Textual application that opens with the lead's board."""

from __future__ import annotations

from textual.screen import Screen

from queue_tui.app import QueueApp
from queue_tui.screens.board_screen import BoardScreen


class BoardApp(QueueApp):
    """The board at the bottom, the queue above it where somebody looks into a row."""

    def first(self) -> Screen[None]:
        return BoardScreen(self._house, self._clerk, self._who)
