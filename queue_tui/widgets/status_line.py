"""One line that says what just happened, or why nothing does."""

from __future__ import annotations

from enum import Enum

from monitor.clean import clean_line
from queue_tui.widgets.plain import Plain

_FRESH_SECONDS = 10
_SHOWN_SECONDS = 30


class Tone(Enum):
    """What kind of news it is: an idle remark gives way to everything else."""

    NEWS = "news"
    REFUSAL = "refusal"
    FAULT = "fault"
    IDLE = "idle"


class StatusLine(Plain):
    """The last news, for half a minute.

    A fault goes when it is over, an idle remark when somebody waits.
    """

    def __init__(self) -> None:
        super().__init__(id="status")
        self._tone = Tone.IDLE
        self._said = ""
        self._age = 0

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Show a line."""
        fresh = self._said and self._tone is not Tone.IDLE and self._age < _FRESH_SECONDS
        if tone is Tone.IDLE and fresh:
            return
        self._tone, self._said, self._age = tone, text, 0
        self.update(clean_line(f" {text}" if text else "", 300))
        self.set_class(tone in (Tone.REFUSAL, Tone.FAULT), "-bad")

    def tick(self) -> None:
        """A second has passed."""
        self._age += 1
        if self._age > _SHOWN_SECONDS and self._tone in (Tone.NEWS, Tone.REFUSAL):
            self.say("")

    def well_again(self, *, somebody_waits: bool) -> None:
        """The store has answered: what it said before, or that nobody waits, may be over."""
        if self._tone is Tone.FAULT or (self._tone is Tone.IDLE and somebody_waits):
            self.say("")
