"""The last filter before the terminal: what acts on it never passes, the rest is as it was."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from queue_tui.paint_guard import PaintGuard

BLACK = Color(0, 0, 0)


@pytest.mark.parametrize(
    "text",
    ["\x1b]52;c;cm0=\x1b\\", "\x1b[2J", "a\x00b", "\x0e", "\x9b31m", "\u202etxt", "\ud83d", "\x7f"],
)
def test_what_acts_on_a_terminal_becomes_a_sign(text: str) -> None:
    (segment,) = PaintGuard().apply([Segment(text, Style(bold=True))], BLACK)
    assert "\ufffd" in segment.text
    assert segment.text.isprintable()
    assert len(segment.text) == len(text)
    assert segment.style == Style(bold=True)


def test_all_else_passes_untouched() -> None:
    segments = [Segment("Zoë 退款 ≥ │"), Segment("", None, [])]
    assert PaintGuard().apply(segments, BLACK) is segments
