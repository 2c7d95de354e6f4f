"""Where an answer or a note is written; bound to one conversation and what was read of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea

from monitor.clean import clean_block, clean_line

_PAUSE = 0.4
_AGAIN = 2.0
_LINES, _CHARS = 100_000, 1_000_000


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
        event.text = clean_block(event.text, lines=_LINES, chars=_CHARS)
        await super()._on_paste(event)


class Composer(Vertical):
    """Ctrl+s sends, Esc keeps the draft; Enter is a new line and never sends."""

    BINDINGS = [
        Binding("ctrl+s", "send", "send", show=False),
        Binding("ctrl+o", "attach", "send a file along", show=False),
        Binding("escape", "leave", "keep the draft", show=False),
    ]

    class Sent(Message):
        """The person sends the text."""

        def __init__(self, bound: Bound, text: str, files: tuple[Path, ...]) -> None:
            super().__init__()
            self.bound = bound
            self.text = text
            self.files = files

    class Attach(Message):
        """The person wants to send a file along."""

    class Typed(Message):
        """What was typed wants to be kept; `leaving` where the person goes away from it."""

        def __init__(self, bound: Bound, text: str, *, leaving: bool) -> None:
            super().__init__()
            self.bound = bound
            self.text = text
            self.leaving = leaving

    def __init__(self) -> None:
        super().__init__()
        self.bound: Bound | None = None
        self.files: tuple[Path, ...] = ()
        self.busy = False
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

    def open(self, bound: Bound, text: str, typed: str = "") -> None:
        """Begin, or go on with a draft; `typed` was typed while the composer was on its way."""
        text = clean_block(text, lines=_LINES, chars=_CHARS) if text else ""
        self.bound, self._kept = bound, text
        area = self.query_one(Text)
        area.load_text(text + typed)
        area.move_cursor(area.document.end)
        self.files = ()
        self._head()
        self.set_class(bound.note, "-note")
        self.hold(False)
        self.display = True
        area.focus()

    def _head(self) -> None:
        assert self.bound is not None
        kind = "Note on" if self.bound.note else "Answer to"
        names = "".join(f"  + {path.name}" for path in self.files)
        self.query_one("#to", Static).update(clean_line(f"{kind} {self.bound.to}{names}", 300))

    def attach(self, path: Path) -> None:
        """Send this file along, if it still can be read then."""
        if self.bound and path not in self.files:
            self.files = (*self.files, path)
            self._head()

    def hold(self, busy: bool) -> None:
        """While a text is being sent nothing is typed, kept or sent a second time."""
        self.busy = busy
        self.query_one(Text).read_only = busy

    def rebind(self, seen: int) -> None:
        """The person has seen what is new."""
        if self.bound:
            self.bound = replace(self.bound, seen=seen)

    def close(self) -> None:
        """Put it away; what was typed has been kept or sent."""
        self.bound = None
        self._stop_timer()
        self.hold(False)
        self.display = False

    def on_text_area_changed(self) -> None:
        # Not put off by more typing: who types without a pause has it kept all the same.
        if self._timer is None:
            self._timer = self.set_timer(_PAUSE, self.keep)

    def keep(self) -> None:
        """Ask for what has been typed to be kept, if it isn't kept already."""
        self._stop_timer()
        if self.bound and not self.busy and self.text != self._kept:
            self._kept = self.text
            self.post_message(self.Typed(self.bound, self.text, leaving=False))

    def not_kept(self) -> None:
        """It could not be kept: try again in a while."""
        self._kept = ""
        if self._timer is None:
            self._timer = self.set_timer(_AGAIN, self.keep)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = None

    def action_send(self) -> None:
        if self.bound and not self.busy:
            self.hold(True)
            self.post_message(self.Sent(self.bound, self.text, self.files))

    def action_attach(self) -> None:
        if self.bound and not self.busy and not self.bound.note:
            self.post_message(self.Attach())

    def action_leave(self) -> None:
        if self.bound and not self.busy:
            self.post_message(self.Typed(self.bound, self.text, leaving=True))
