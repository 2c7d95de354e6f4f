"""The Textual application that opens with the lead's board."""

from __future__ import annotations

from textual.screen import Screen

from queue_tui.app import QueueApp, Seat


class BoardApp(QueueApp):
    """The board at the bottom, the queue above it where somebody looks into a row."""

    def load(self) -> None:
        import queue_tui.screens.board_screen  # noqa: F401 # to have it at hand

    def first(self, seat: Seat) -> Screen[None]:
        from queue_tui.screens.board_screen import BoardScreen

        return BoardScreen(seat.house, seat.clerk, seat.who)
