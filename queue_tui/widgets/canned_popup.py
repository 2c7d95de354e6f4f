"""Canned replies offered at the cursor while their code is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Offset

from monitor.canned import Canned
from monitor.clean import clean_line
from monitor.width import cut, pad
from queue_tui.widgets.choices import Choices
from queue_tui.widgets.plain import Styled, styled, together

_CODE_COLUMNS = 14
_WORDS_COLUMNS = 40


class CannedPopup(Choices):
    """Never has the focus: the text under it hands on the keys that are meant for it."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._offered: list[Canned] = []

    def on_mount(self) -> None:
        self.display = False

    @property
    def open(self) -> bool:
        return bool(self.display)

    def offer(self, found: Sequence[Canned], at: Offset) -> None:
        """Offer these below a place on the screen; none closes it."""
        if not found:
            self.close()
            return
        if list(found) != self._offered:
            self._offered = list(found)
            self.choose_among(_line(reply) for reply in found)
        self.absolute_offset = at
        self.display = True

    def close(self) -> None:
        """Put it away."""
        self._offered = []
        self.display = False

    def move(self, by: int) -> None:
        """Move the cursor by so many, and from one end to the other."""
        if self.highlighted is not None:
            self.highlighted = (self.highlighted + by) % len(self._offered)

    @property
    def chosen(self) -> Canned | None:
        """The one under the cursor."""
        if not self.open or self.highlighted is None:
            return None
        return self._offered[self.highlighted]


def _line(reply: Canned) -> Styled:
    words = " ".join(reply.text[:400].split())
    code = clean_line(reply.code, 40)
    shown, _ = cut(clean_line(words, 100), _WORDS_COLUMNS)
    return together(
        styled(clean_line(f"{pad(code, _CODE_COLUMNS)} "), "bold"), styled(clean_line(shown))
    )
