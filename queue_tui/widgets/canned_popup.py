"""Canned replies offered at the cursor while their code is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList

from monitor.canned import Canned
from monitor.clean import clean_line
from monitor.width import cut

_CODE_COLUMNS = 14
_WORDS_COLUMNS = 40


class CannedPopup(OptionList):
    """Never has the focus: the text under it hands on the keys that are meant for it."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(markup=False)
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
            self.clear_options()
            self.add_options([_line(reply) for reply in found])
            self.highlighted = 0
        self.absolute_offset = at
        self.display = True

    def close(self) -> None:
        """Put it away."""
        self._offered = []
        self.display = False

    def move(self, by: int) -> None:
        """Another one."""
        if self.highlighted is not None:
            self.highlighted = (self.highlighted + by) % len(self._offered)

    @property
    def chosen(self) -> Canned | None:
        """The one under the cursor."""
        if not self.open or self.highlighted is None:
            return None
        return self._offered[self.highlighted]


def _line(reply: Canned) -> Content:
    words = " ".join(reply.text[:400].split())
    code = clean_line(reply.code, 40)
    return Content.assemble(
        (f"{code:<{_CODE_COLUMNS}} ", "bold"), cut(clean_line(words, 100), _WORDS_COLUMNS)[0]
    )
