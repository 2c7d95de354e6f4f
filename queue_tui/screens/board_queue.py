"""The queue as the board opens it: on the list behind a row, Esc leads back."""

from __future__ import annotations

from monitor.clean import clean_line
from monitor.wiring import House
from queue_tui.board_rows import Choice
from queue_tui.clerk import Clerk
from queue_tui.flows.reading import Asked
from queue_tui.keys import remapped
from queue_tui.screens.queue_screen import QueueScreen


def queue_of(house: House, clerk: Clerk, who: str, choice: Choice) -> QueueScreen:
    """The queue screen on what a row counts."""
    asked = Asked(clean_line(choice.title, 40), choice.query())
    return QueueScreen(house, clerk, who, remapped(house.config.keys), asked)
