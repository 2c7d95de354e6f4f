"""The stretch of a long list that is held: bounded, in order, with a guest at most."""

from __future__ import annotations

from monitor.message import Conversation
from queue_tui.widgets.window import MOST, PAGE, Stretch, Window


def row(number: int) -> Conversation:
    return Conversation(
        number, "a", "email", "email", "", "", "", "", 0, 0, 0, number, None, None, None, 0, "[]",
        "", None, 0,
    )  # fmt: skip


def rows(first: int, last: int) -> list[Conversation]:
    return [row(number) for number in range(first, last)]


def ids(window: Window) -> list[int]:
    return [there.id for there in window.rows]


def test_it_never_holds_more_than_its_most() -> None:
    window = Window()
    window.replace(Stretch(rows(0, PAGE), at_end=False))
    for page in range(1, 20):
        at = page * PAGE
        window.extend(Stretch(rows(at, at + PAGE), at_top=False, at_end=False), backwards=False)
        assert len(window.rows) <= MOST
    assert ids(window) == list(range(20 * PAGE - MOST, 20 * PAGE))
    assert (window.at_top, window.above) == (False, 20 * PAGE - MOST)


def test_it_goes_back_the_way_it_came() -> None:
    window = Window()
    window.replace(Stretch(rows(4 * PAGE, 7 * PAGE), at_top=False))
    window.counted(7 * PAGE, 4 * PAGE)
    for page in (3, 2, 1, 0):
        held = Stretch(rows(page * PAGE, (page + 1) * PAGE), at_top=page == 0, at_end=False)
        window.extend(held, backwards=True)
    assert ids(window) == list(range(MOST))
    assert (window.at_top, window.at_end, window.total) == (True, False, 7 * PAGE)


def test_a_guest_keeps_its_place_and_is_no_edge() -> None:
    window = Window()
    window.replace(Stretch(rows(10, 13)))
    window.keep(row(5), 3)
    assert ids(window) == [10, 11, 12, 5]
    edge = window.edge(backwards=False)
    assert edge is not None
    assert edge.id == 12
    window.replace(Stretch(rows(10, 13)))
    assert ids(window) == [10, 11, 12]


def test_the_lists_own_top_needs_no_anchor() -> None:
    window = Window()
    window.replace(Stretch(rows(0, MOST), at_end=False))
    assert window.anchor(20) is None
    anchor = window.anchor(300)
    assert anchor is not None
    assert 100 < anchor.id < 300
