"""Lines of which one is chosen, on a list that reads nothing as markup."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widgets import OptionList

from queue_tui.widgets.plain import Styled


class Choices(OptionList):
    """An option list whose lines are cleaned text."""

    def __init__(self, *lines: Styled) -> None:
        super().__init__(*lines, markup=False)

    def choose_among(self, lines: Iterable[Styled]) -> None:
        """These, in the place of those before, and the first of them under the cursor."""
        self.clear_options()
        self.add_options(lines)
        self.highlighted = 0
