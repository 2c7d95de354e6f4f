"""The least Textual apps that show a text, take keys or tick: the limit for our own terminal."""

from __future__ import annotations

import sys
from itertools import count

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

TICKING_LINES = 40


class Hello(App[None]):
    """Shows a text."""

    def compose(self) -> ComposeResult:
        yield Static("hello there", markup=False)


class Keys(Hello):
    """Answers each key with a line of text."""

    def on_mount(self) -> None:
        self._pressed = count(1)

    def on_key(self, event: Key) -> None:
        self.query_one(Static).update(f"key {next(self._pressed)}: {event.key}", layout=False)


class Ticks(Hello):
    """Forty countdowns, each second drawn anew in the simplest way."""

    def on_mount(self) -> None:
        self._seconds = count()
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        now = next(self._seconds)
        left = (600 + 7 * line - now for line in range(TICKING_LINES))
        text = "\n".join(f" !! {s // 60:02}:{s % 60:02}  a customer waits" for s in left)
        self.query_one(Static).update(text)


if __name__ == "__main__":
    {"shows": Hello, "keys": Keys, "ticks": Ticks}[sys.argv[1]]().run()
