"""A text to be looked at and put away again: a conversation's log."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from monitor.clean import clean_block, clean_line
from queue_tui.widgets.plain import Plain

_LINES, _CHARS = 2_000, 200_000


class Leaf(ModalScreen[None]):
    """Scrolls; Esc and q put it away."""

    BINDINGS = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Plain(clean_line(self._title, 300), classes="title")
            with VerticalScroll():
                yield Plain(clean_block(self._text, _LINES, _CHARS))
            yield Plain(clean_line("PgUp PgDn  Esc closes it"), classes="hint")

    def on_mount(self) -> None:
        self._page.focus()
        self.call_after_refresh(self._page.scroll_end, animate=False)

    @property
    def _page(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_scroll(self, lines: int) -> None:
        self._page.scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)
