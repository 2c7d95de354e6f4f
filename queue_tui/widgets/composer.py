"""Where an answer or a note is written; bound to one conversation and what was read of it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea

from monitor.clean import clean_block, clean_line

_PAUSE = 0.4


@dataclass(frozen=True, slots=True)
class Bound:
    """What the text belongs to: it can't go anywhere else, whatever the list does meanwhile."""

    conversation: int
    seen: int
    to: str
    note: bool


class Text(TextArea):
    """The text itself; what is pasted is cleaned."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = clean_block(event.text, lines=100_000, chars=1_000_000)
        await super()._on_paste(event)


class Composer(Vertical):
    """Ctrl+s sends, Esc keeps the draft; Enter is a new line and never sends."""

    BINDINGS = [
        Binding("ctrl+s", "send", "send", show=False),
        Binding("escape", "leave", "keep the draft", show=False),
    ]

    class Sent(Message):
        """The person sends the text."""

        def __init__(self, bound: Bound, text: str) -> None:
            super().__init__()
            self.bound = bound
            self.text = text

    class Left(Message):
        """The person leaves it for now."""

    class Typed(Message):
        """Typing has paused: time to keep the draft."""

        def __init__(self, bound: Bound, text: str) -> None:
            super().__init__()
            self.bound = bound
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self.bound: Bound | None = None
        self._timer: Timer | None = None
        self._kept = ""

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="to")
        text = Text(tab_behavior="focus", show_line_numbers=False)
        text.cursor_blink = False
        yield text

    @property
    def text(self) -> str:
        return self.query_one(Text).text

    def open(self, bound: Bound, text: str) -> None:
        """Begin, or go on with a draft."""
        self.bound, self._kept = bound, text
        area = self.query_one(Text)
        area.load_text(text)
        area.move_cursor(area.document.end)
        kind = "Note on" if bound.note else "Answer to"
        self.query_one("#to", Static).update(clean_line(f"{kind} {bound.to}", 200))
        self.set_class(bound.note, "-note")
        self.display = True
        area.focus()

    def rebind(self, seen: int) -> None:
        """The person has seen what is new."""
        if self.bound:
            self.bound = Bound(self.bound.conversation, seen, self.bound.to, self.bound.note)

    def close(self) -> None:
        """Put it away; what was typed has been kept or sent."""
        self.bound = None
        if self._timer:
            self._timer.stop()
        self.display = False

    def on_text_area_changed(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self.keep)

    def keep(self) -> None:
        """Say what has been typed, if it isn't kept already."""
        if self.bound and self.text != self._kept:
            self._kept = self.text
            self.post_message(self.Typed(self.bound, self.text))

    def action_send(self) -> None:
        if self.bound:
            self.post_message(self.Sent(self.bound, self.text))

    def action_leave(self) -> None:
        self.keep()
        self.post_message(self.Left())
