"""The text of an answer as it is typed: pastes cleaned, canned replies put in by their code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual import events
from textual.geometry import Offset
from textual.widgets import TextArea

from monitor.canned import Canned, CannedReplies, expand, first_blank
from queue_tui.painted import forget_watching
from queue_tui.typed import clean_typed
from queue_tui.widgets.canned_popup import CannedPopup

_CODE = re.compile(r"(?:^|(?<=\s));([\w-]{0,40})$")
_LOOK_BACK = 60
_CHOOSE = ("enter", "tab")
_MOVES = {"up": -1, "down": 1}


class Text(TextArea):
    """What follows a `;` finds canned replies; Enter and Tab put one in, Esc does not."""

    def __init__(self, popup: CannedPopup) -> None:
        super().__init__(tab_behavior="focus", show_line_numbers=False)
        self.cursor_blink = False
        self._popup = popup
        self._replies = CannedReplies()
        self._values: Mapping[str, str] = {}
        self._left_alone = False

    def on_unmount(self) -> None:
        forget_watching(self)

    def equip(self, replies: CannedReplies, values: Mapping[str, str]) -> None:
        """Give it the canned replies, and what their blanks stand for here."""
        self._replies, self._values = replies, values

    @property
    def blanks(self) -> tuple[str, ...]:
        """What canned replies have left to be filled in."""
        return self._replies.unresolved(self.text)

    async def _on_paste(self, event: events.Paste) -> None:
        # The base class's own handler is called after this one; called here it would paste twice.
        event.text = clean_typed(event.text)

    async def _on_key(self, event: events.Key) -> None:
        if self._popup.open and self._for_popup(event.key):
            event.stop()
            event.prevent_default()

    def _for_popup(self, key: str) -> bool:
        if key in _MOVES:
            self._popup.move(_MOVES[key])
        elif key in _CHOOSE:
            self._put_in(self._popup.chosen)
        elif key == "escape":
            self._left_alone = True
            self._popup.close()
        else:
            return False
        return True

    def look_for_code(self) -> None:
        """The text or the cursor has changed: offer what fits the code before the cursor."""
        typed = self._typed_code()
        if typed is None:
            self._left_alone = False
        if typed is None or self._left_alone or self.read_only:
            self._popup.close()
        else:
            at = self.cursor_screen_offset + Offset(-len(typed) - 1, 1)
            self._popup.offer(self._replies.find(typed), at)

    def _typed_code(self) -> str | None:
        if not self._replies or not self.selection.is_empty:
            return None
        row, column = self.cursor_location
        before = self.document.get_line(row)[max(0, column - _LOOK_BACK) : column]
        found = _CODE.search(before)
        return found[1] if found else None

    def start_code(self) -> bool:
        """Type the `;` for the person; False where there is nothing to choose from."""
        if not self._replies or self.read_only:
            return False
        self._left_alone = False
        if self._typed_code() is None:
            row, column = self.cursor_location
            before = self.document.get_line(row)[:column]
            self.insert(";" if not before or before[-1].isspace() else " ;")
        self.look_for_code()
        return True

    def _put_in(self, reply: Canned | None) -> None:
        """Put a canned reply in the place of its code, in one step of undo."""
        typed = self._typed_code()
        self._popup.close()
        if reply is None or typed is None:
            return
        row, column = self.cursor_location
        text = clean_typed(expand(reply.text, self._values))
        start = (row, column - len(typed) - 1)
        self.history.checkpoint()
        self.replace(text, start, (row, column), maintain_selection_offset=False)
        self.history.checkpoint()
        self._go_to_blank(text, start)

    def go_to_blank(self) -> None:
        """Select the first blank, to be filled in."""
        self._go_to_blank(self.text, (0, 0))

    def _go_to_blank(self, text: str, start: tuple[int, int]) -> None:
        blank = first_blank(text, self._replies.names)
        if blank:
            places = [_place(text[:at], start) for at in blank]
            self.move_cursor(places[0])
            self.move_cursor(places[1], select=True)


def _place(before: str, start: tuple[int, int]) -> tuple[int, int]:
    """Where the cursor stands after this text was put in at `start`."""
    lines = before.split("\n")
    if len(lines) == 1:
        return start[0], start[1] + len(before)
    return start[0] + len(lines) - 1, len(lines[-1])
