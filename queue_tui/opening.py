"""What is on the screen while the configuration is checked and all else is loaded behind it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from monitor.command import Shell
from monitor.location import find_config
from queue_tui.keys import footer
from queue_tui.themes import THEMES, Look


@dataclass(frozen=True, slots=True)
class Glimpse:
    """`[terminal]` as it stands in the file, before anybody has checked it."""

    theme: str = "dark"
    ascii: bool = False


def glimpse(shell: Shell) -> Look:
    """How the terminal is to look; a file that can't be read is refused here, as a ConfigError."""
    if shell.opened:
        return shell.config.terminal
    try:
        there = tomllib.loads(find_config(shell.given_config).read_text("utf-8"))
    except (OSError, ValueError):
        return shell.config.terminal  # says what is wrong with it
    wanted = there.get("terminal")
    if not isinstance(wanted, dict):
        return Glimpse()
    theme = wanted.get("theme")
    return Glimpse(theme if theme in THEMES else "dark", wanted.get("ascii") is True)


class OpeningScreen(Screen[None]):
    """Takes a key at once: q quits, another one is kept for the screen that follows.

    No more than one: where a box opens by the first, the next would be for the box.
    """

    CSS = "OpeningScreen #work { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.typed: events.Key | None = None

    def compose(self) -> ComposeResult:
        yield Static(" opening…", markup=False, id="headline")
        yield Static(markup=False, id="work")
        yield Static(footer(), markup=False, id="keys")

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "q":
            await self.app.action_quit()
        self.typed = self.typed or event
