"""What is on the screen while the configuration is checked and all else is loaded behind it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from monitor.clean import clean_line
from monitor.command import Shell
from monitor.errors import ConfigError
from monitor.location import find_config
from queue_tui.keys import QUEUE, Key, footer, remapped
from queue_tui.themes import THEMES
from queue_tui.widgets.plain import Plain


@dataclass(frozen=True, slots=True)
class Glimpse:
    """`[terminal]` and `[keys]` as they stand in the file, before anybody has checked them."""

    theme: str = "dark"
    ascii: bool = False
    keys: Sequence[Key] = QUEUE


def glimpse(shell: Shell) -> Glimpse:
    """How the terminal is to look; a file that can't be read is refused here, as a ConfigError."""
    if shell.opened:
        return Glimpse(shell.config.terminal.theme, shell.config.terminal.ascii)
    try:
        there = tomllib.loads(find_config(shell.given_config).read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return Glimpse(shell.config.terminal.theme)  # says what is wrong with it
    wanted = there.get("terminal")
    looks = wanted if isinstance(wanted, dict) else {}
    theme = str(looks.get("theme"))
    keys = _keys(there.get("keys"))
    return Glimpse(theme if theme in THEMES else "dark", looks.get("ascii") is True, keys)


def _keys(given: object) -> Sequence[Key]:
    """The table of keys; what is wrong with it is said by whoever checks it."""
    try:
        return remapped(given) if isinstance(given, dict) else QUEUE
    except (ConfigError, TypeError, AttributeError):
        return QUEUE


class OpeningScreen(Screen[None]):
    """Takes a key at once: that of `quit` quits, another is kept for the screen that follows.

    No more than one: where a box opens by the first, the next would be for the box.
    """

    CSS = "OpeningScreen #work { height: 1fr; }"

    def __init__(self, table: Sequence[Key]) -> None:
        super().__init__()
        self.typed: events.Key | None = None
        self._table = table
        self._quit = next(key.keys.split(",") for key in table if key.name == "quit")

    def compose(self) -> ComposeResult:
        yield Plain(clean_line(" opening…"), id="headline")
        yield Plain(id="work")
        yield Plain(clean_line(footer(self._table)), id="keys")

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in self._quit:
            await self.app.action_quit()
        self.typed = self.typed or event
