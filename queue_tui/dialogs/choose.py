"""One of a few: numbered lines in a box, and what may be done with the one chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList

from monitor.clean import clean_line
from queue_tui.widgets.choices import Choices
from queue_tui.widgets.plain import Plain, styled

_LINE_MOST = 400


class Chosen(NamedTuple):
    """The line's number, counted from 0, and the key with which it was chosen."""

    number: int
    key: str


class Choose(ModalScreen[Chosen | None]):
    """Enter or one of the other keys takes the line under the cursor; Esc takes none."""

    BINDINGS = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("j", "down", "down", show=False),
        Binding("k", "up", "up", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], keys: Mapping[str, str]) -> None:
        """`keys` are those that choose, and what each does: {"enter": "copy", "o": "open"}."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._keys = keys

    def compose(self) -> ComposeResult:
        does = "  ".join(
            f"{'Enter' if key == 'enter' else key} {word}" for key, word in self._keys.items()
        )
        options = [styled(clean_line(line, _LINE_MOST)) for line in self._lines]
        with Vertical():
            yield Plain(clean_line(self._title, 300))
            yield Choices(*options)
            yield Plain(clean_line(f"{does}  Esc leave it"), classes="hint")

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = 0 if self._lines else None
        choices.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(Chosen(event.option_index, "enter"))

    def on_key(self, event: events.Key) -> None:
        highlighted = self.query_one(Choices).highlighted
        if event.key in self._keys and event.key != "enter" and highlighted is not None:
            event.stop()
            self.dismiss(Chosen(highlighted, event.key))

    def action_down(self) -> None:
        self.query_one(Choices).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(Choices).action_cursor_up()

    def action_leave(self) -> None:
        self.dismiss(None)
