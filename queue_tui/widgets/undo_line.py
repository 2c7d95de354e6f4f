"""How long an answer can still be taken back, counted down where everybody sees it."""

from __future__ import annotations

from datetime import datetime

from monitor.clean import clean_line
from queue_tui.widgets.plain import Plain


class UndoLine(Plain):
    """Shown from the sending of an answer until it leaves."""

    def __init__(self, key: str) -> None:
        """`key` is the one that takes it back."""
        super().__init__(id="undo")
        self._key = key
        self._leaves: datetime | None = None
        self._conversation = 0

    def on_mount(self) -> None:
        self.display = False

    def begin(self, conversation: int, leaves: datetime, now: datetime) -> None:
        """An answer was written down, and stays until it `leaves`."""
        self._conversation, self._leaves = conversation, leaves
        self.tick(now)

    def end(self) -> None:
        """It was taken back."""
        self._leaves = None
        self.display = False

    def tick(self, now: datetime) -> None:
        """A second has passed."""
        left = (self._leaves - now).total_seconds() if self._leaves else 0
        if left <= 0:
            self.end()
            return
        answer = f"the answer to #{self._conversation}"
        line = f" {answer} leaves in {left:.0f} s: {self._key} takes it back"
        self.update(clean_line(line))
        self.display = True
