"""Stretches of a list as the desk hands them out: around a row, beside it, from a number on."""

from __future__ import annotations

from collections.abc import Callable

from monitor.desk import Desk
from monitor.message import Conversation
from monitor.store.lists import Position, View, position
from queue_tui.widgets.window import PAGE, Stretch

Page = Callable[[Desk, View], Stretch]


def around(desk: Desk, view: View, anchor: Conversation | None) -> Stretch:
    """A row and what follows it, or the list's first rows."""
    if anchor is None:
        rows = desk.page(view, PAGE)
        return Stretch(rows, at_end=len(rows) < PAGE)
    rows = desk.page(view, 2 * PAGE, _just_before(view, anchor))
    if not rows:
        return beyond(desk, view, None, backwards=True)
    return Stretch(rows, at_top=False, at_end=len(rows) < 2 * PAGE)


def beside(desk: Desk, view: View, row: Conversation) -> Stretch:
    """The rows on both sides of where a conversation stands, or would stand."""
    above = desk.page(view, PAGE, position(row), backwards=True)
    below = desk.page(view, PAGE, _just_before(view, row))
    return Stretch([*above, *below], at_top=len(above) < PAGE, at_end=len(below) < PAGE)


def beyond(desk: Desk, view: View, edge: Position | None, *, backwards: bool) -> Stretch:
    """The page behind a position, or before it; the last or the first where there is none."""
    rows = desk.page(view, PAGE, edge, backwards=backwards)
    short, whole = len(rows) < PAGE, edge is None
    if backwards:
        return Stretch(rows, at_top=short, at_end=whole)
    return Stretch(rows, at_top=whole, at_end=short)


def from_number(desk: Desk, view: View, index: int) -> Stretch:
    """The row of this number, counted from 0, and those that follow it."""
    if index <= 0:
        return around(desk, view, None)
    at = desk.position(view, index - 1)
    if at is None:
        return beyond(desk, view, None, backwards=True)
    rows = desk.page(view, 2 * PAGE, at)
    return Stretch(rows, at_top=False, at_end=len(rows) < 2 * PAGE)


def _just_before(view: View, row: Conversation) -> Position:
    by, since, number = position(row)
    return (by, since, number - 1 if view.owed else number + 1)
