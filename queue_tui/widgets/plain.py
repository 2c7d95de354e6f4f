"""The door to Textual's widgets: only cleaned text goes in, and none of it is read as markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.widgets import Static

from monitor.clean import Safe, clean_line

Styled = NewType("Styled", Content)
"""Cleaned text with its styles; only this module makes it."""
NOTHING = clean_line("")


def styled(text: Safe, style: str = "") -> Styled:
    """A text in one style, written as in the style sheet: "bold $text-error"."""
    return Styled(Content.styled(text, style) if style else Content(text))


def together(*parts: Styled) -> Styled:
    """One after the other."""
    return Styled(Content.assemble(*parts))


def stacked(parts: Iterable[Styled], *, apart: int = 0) -> Styled:
    """Below one another, with so many empty lines between them."""
    return Styled(Content("\n" * (apart + 1)).join(parts))


def cells(text: Safe, style: Style) -> Segment:
    """A part of a line that is drawn by hand."""
    return Segment(text, style)


class Plain(Static):
    """Shows cleaned text, a line or several, and reads no markup in it."""

    def __init__(
        self,
        text: Safe | Styled = NOTHING,
        *,
        id: str | None = None,  # noqa: A002 (as all widgets call it)
        classes: str | None = None,
    ) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)

    # Narrower than Textual's on purpose: a plain string is refused by the type checker.
    def update(self, content: Safe | Styled, *, layout: bool = True) -> None:  # type: ignore[override]
        """Show another text; `layout` where it may take another number of lines."""
        super().update(content, layout=layout)

    def shows(self, content: Safe | Styled) -> bool:
        """Whether it is what stands there already."""
        shown = self.content
        if isinstance(content, Content) and isinstance(shown, Content):
            return content.is_same(shown)
        return bool(content == shown)
