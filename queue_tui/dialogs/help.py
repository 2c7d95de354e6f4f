"""All keys, and what the marks mean."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from monitor.clean import clean_block
from queue_tui.keys import Key, help_text
from queue_tui.widgets.plain import Plain


class HelpScreen(ModalScreen[None]):
    """Any of Esc, q and ? closes it."""

    BINDINGS = [Binding("escape,q,question_mark", "leave", "leave", show=False)]

    def __init__(self, table: Sequence[Key]) -> None:
        super().__init__()
        self._table = table

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Plain(clean_block(help_text(self._table)))

    def action_leave(self) -> None:
        self.dismiss(None)
