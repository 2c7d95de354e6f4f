"""The line in which a search is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from monitor.clean import clean_line
from queue_tui.widgets.clean_input import CleanInput
from queue_tui.widgets.plain import Plain

_HINT = "words, from:NAME channel:x tag:NAME before:2026-11-20 after:7d is:overdue"


class SearchLine(Horizontal):
    """Tells of every change; Enter leaves what was found on the screen."""

    class Typed(Message):
        """What stands in the line now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        """The person is content with it."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def compose(self) -> ComposeResult:
        yield Plain(clean_line("Search everything: "))
        line = CleanInput(placeholder=_HINT, select_on_focus=False, compact=True)
        line.cursor_blink = False
        yield line

    def open(self, text: str) -> None:
        """Show the line, with what was looked for before."""
        self.display = True
        line = self.query_one(Input)
        with line.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.screen.set_focus(line)  # at once: what is typed next is for the line

    def close(self) -> None:
        """Put it away."""
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(event.value))
