"""The board's rows, over the Line API; the cursor belongs to what a row counts."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from monitor.clean import clean_line
from monitor.width import cut
from queue_tui.board_rows import Choice, Row, Tone
from queue_tui.widgets.plain import cells


class BoardList(ScrollView, can_focus=True, inherit_bindings=False):
    """One line for each row; headings are passed over by the cursor."""

    COMPONENT_CLASSES = {
        "board-list--overdue", "board-list--soon", "board-list--cursor", "board-list--heading",
        "board-list--trouble",
    }  # fmt: skip
    DEFAULT_CSS = """
    BoardList { height: 1fr; min-height: 1; width: 100%; min-width: 8;
                scrollbar-size-vertical: 1; overflow-x: hidden; }
    BoardList > .board-list--overdue { color: $text-error; text-style: bold; }
    BoardList > .board-list--soon { color: $text-warning; text-style: bold; }
    BoardList > .board-list--trouble { color: $text-warning; }
    BoardList > .board-list--heading { color: $text-muted; text-style: italic; }
    BoardList > .board-list--cursor { background: $primary-darken-2; text-style: bold; }
    """

    class Moved(Message):
        """The cursor is on another row."""

    class Opened(Message):
        """A row was clicked that the cursor was on already."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self.selected: Choice | None = None

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return next((r for r in self._rows if r.choice and r.choice == self.selected), None)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows; what the cursor is on keeps it, wherever it stands now."""
        before, chosen, self._rows = self._rows, self.selected, rows
        if self.current is None:
            self.selected = next((row.choice for row in rows if row.choice), None)
        if len(before) != len(rows) or chosen != self.selected:
            self.virtual_size = Size(self.size.width, len(rows))
            self.refresh()
            return
        top, width = self.scroll_offset.y, self.size.width
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.refresh(Region(0, number - top, width, 1))

    def move(self, by: int) -> None:
        """Move the cursor by so many rows that can be chosen."""
        choices = [row.choice for row in self._rows if row.choice]
        if not choices:
            return
        now = choices.index(self.selected) if self.selected in choices else 0
        self._select(choices[max(0, min(len(choices) - 1, now + by))])

    def page_rows(self) -> int:
        """How many rows a page has."""
        return max(1, self.size.height - 1)

    def render_line(self, y: int) -> Strip:
        number, width = self.scroll_offset.y + y, self.size.width
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        return self._line(self._rows[number], width)

    def on_click(self, event: events.Click) -> None:
        number = self.scroll_offset.y + event.y
        choice = self._rows[number].choice if 0 <= number < len(self._rows) else None
        if choice is not None and choice == self.selected:
            self.post_message(self.Opened())
        elif choice is not None:
            self._select(choice)

    def _select(self, choice: Choice) -> None:
        self.selected = choice
        number = next((n for n, row in enumerate(self._rows) if row.choice == choice), 0)
        top, height = self.scroll_offset.y, max(1, self.size.height)
        # The heading above the first row comes into view with it.
        first = number - 1 if number and self._rows[number - 1].choice is None else number
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif number >= top + height:
            self.scroll_to(y=number - height + 1, animate=False)
        self.refresh()
        self.post_message(self.Moved())

    def _line(self, row: Row, width: int) -> Strip:
        chosen = row.choice is not None and row.choice == self.selected
        base = self.rich_style
        if chosen:
            base += self.get_component_rich_style("board-list--cursor")
        left, segments = width, []
        # Colour alone would say nothing on a plain terminal.
        for text, tone in (((">" if chosen else " "), Tone.PLAIN), *row.parts):
            shown, used = cut(text, left)
            segments.append(cells(clean_line(shown), base + self._tone(tone)))
            left -= used
        return Strip([*segments, cells(clean_line(" " * left), base)], width)

    def _tone(self, tone: Tone) -> Style:
        if tone is Tone.PLAIN:
            return Style()
        return self.get_component_rich_style(f"board-list--{tone}", partial=True)
