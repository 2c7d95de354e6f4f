"""A question in a box: one line of text, or a yes or no."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from monitor.clean import clean_line
from queue_tui.widgets.clean_input import CleanInput
from queue_tui.widgets.plain import Plain


class AskText(ModalScreen[str | None]):
    """Asks for a line; None where the person thinks better of it."""

    AUTO_FOCUS = ""
    BINDINGS = [Binding("escape", "leave", "leave", show=False)]

    def __init__(self, question: str, hint: str = "", value: str = "") -> None:
        super().__init__()
        self._question = question
        self._hint = hint
        self._value = value

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Plain(clean_line(self._question, 400))
            yield Plain(clean_line(self._hint, 400), classes="hint")
            yield CleanInput(self._value, select_on_focus=False)

    def on_mount(self) -> None:
        self._give_keys()

    def _give_keys(self) -> None:
        """Once none is on its way to this screen: no key overtakes another."""
        if self.message_queue_size:
            self.call_later(self._give_keys)
        else:
            self.set_focus(self._line)

    def on_key(self, event: events.Key) -> None:
        """One that was typed before the line had the keys."""
        if self.focused:
            return
        if event.is_printable:
            self._line.post_message(events.Key(event.key, event.character))
        elif event.key == "enter":
            self._line.call_later(self._line.action_submit)
        elif event.key == "backspace":
            self._line.call_later(self._line.action_delete_left)

    @property
    def _line(self) -> CleanInput:
        return self.query_one(CleanInput)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_leave(self) -> None:
        self.dismiss(None)


class AskYesNo(ModalScreen[bool | None]):
    """Asks for y or n; None where the person leaves it."""

    BINDINGS = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n", "answer(False)", "no", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Plain(clean_line(self._question, 400))
            yield Plain(clean_line("y yes   n no   Esc leave it"))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def action_leave(self) -> None:
        self.dismiss(None)
