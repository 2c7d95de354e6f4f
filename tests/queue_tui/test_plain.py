"""The door to the widgets: plain strings are refused; the last filter holds what got past."""

from __future__ import annotations

from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color

from monitor.clean import Safe, clean_block, clean_line
from queue_tui.paint_guard import PaintGuard
from queue_tui.widgets.choices import Choices
from queue_tui.widgets.plain import Plain, cells, stacked, styled
from tests.hostile import strings, text_of

BLACK = Color(0, 0, 0)


def test_the_type_checker_refuses_plain_strings() -> None:
    """mypy is told to complain of an ignored error that is none any more."""
    widget = Plain("as typed")  # type: ignore[arg-type]
    widget = Plain(clean_line("a") + "b")  # type: ignore[arg-type]
    assert widget.update(f"{clean_line('a')}") is None  # type: ignore[arg-type,func-returns-value]
    assert styled("x").plain == "x"  # type: ignore[arg-type]
    assert cells("x", Style()).text == "x"  # type: ignore[arg-type]
    assert Choices(clean_line("x")) is not None  # type: ignore[arg-type]


def test_a_part_of_safe_text_is_safe() -> None:
    text: Safe = clean_block("one\ntwo")[4:]
    assert text == "two"
    assert isinstance(text, Safe)


def test_markup_is_text_behind_the_door() -> None:
    lines = stacked([styled(clean_line("[bold]a[/] [/]")), styled(clean_line("b"))], apart=1)
    assert lines.plain == "[bold]a[/] [/]\n\nb"


def test_the_last_filter_lets_nothing_through_that_acts() -> None:
    given = [Segment(text_of(string)[:300]) for string in strings()]
    painted = "".join(s.text for s in PaintGuard().apply(given, BLACK))
    acts = [c for c in painted if c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff"]
    assert acts == []
    assert "\u202e" not in painted


def test_the_last_filter_leaves_the_apps_own_control_alone() -> None:
    own = Segment("\x1b[2J", None, [(ControlType.CLEAR,)])
    assert PaintGuard().apply([own, Segment("\x1b")], BLACK) == [own, Segment("\ufffd")]
