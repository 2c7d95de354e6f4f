"""A list of which only a part is held: its ends, its middle, and what changes meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.strip import Strip

from monitor.store import open_store
from queue_tui.widgets.queue_list import QueueList
from queue_tui.widgets.window import MOST
from tests.fakes import START, FakeClock, message, take_in
from tests.queue_tui.driving import Office, Terminal, sync

_MANY = 1500


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which so many customers wait."""
    path = tmp_path_factory.mktemp("many") / "queue.db"
    store = open_store(f"sqlite:///{path}", START)
    take_in(store, [message(number) for number in range(1, _MANY + 1)])
    store.close()
    return path


@pytest.fixture
def office(tmp_path: Path, clock: FakeClock, filled: Path) -> Iterator[Office]:
    with Office.on(filled, tmp_path, clock) as opened:
        yield opened


async def go_to_the_end(office: Office, t: Terminal) -> None:
    await t.press("G")
    await t.on(office.of(_MANY).id)


@sync
async def test_shift_g_reaches_the_very_last_without_reading_all_and_g_comes_back(
    office: Office,
) -> None:
    async with office.terminal(size=(80, 24)) as t:
        await go_to_the_end(office, t)
        assert f"subject {_MANY}" in t.cursor_row
        assert len(t.rows) <= MOST
        assert t.queue.window.at_end
        await t.press("g", "g")
        await t.on(office.of(1).id)
        assert t.queue.window.at_top


@sync
async def test_moving_on_row_by_row_meets_everybody_once(office: Office) -> None:
    async with office.terminal(size=(80, 24)) as t:
        seen = [t.cursor]
        while t.cursor != office.of(_MANY).id:
            before = t.cursor
            t.queue.move(25)
            await t.wait(lambda before=before: t.cursor != before or not t.queue.window.at_end)  # type: ignore[misc] # its own
            await t.settle()
            if t.cursor != before:
                seen.append(t.cursor)
            assert len(t.rows) <= MOST + 1
        steps = [b - a for a, b in itertools.pairwise(seen)]  # type: ignore[operator] # ids
        assert all(0 < step <= 25 for step in steps)


@sync
async def test_in_the_middle_the_cursor_stays_through_arrivals_above_and_all_else(
    office: Office,
) -> None:
    async with office.terminal(size=(80, 24)) as t:
        t.main.paging.jump(0.5)
        await t.on(office.of(_MANY // 2).id)
        await t.settle()
        await t.press("j", "j")
        here = t.cursor
        assert here is not None
        on_screen = t.rows.index(here) - t.queue.top
        office.writes(*range(9000, 9030), minutes=-30)
        office.desk.claim(here, "bob")
        await t.read_again()
        await t.see("claimed by bob")
        assert t.cursor == t.shown == here
        assert t.rows.index(here) - t.queue.top == on_screen


@sync
async def test_the_next_overdue_is_found_beyond_the_rows_that_are_held(office: Office) -> None:
    office.writes(_MANY + 1, minutes=-400)
    office.writes(_MANY + 2, minutes=-390)
    async with office.terminal(size=(80, 24)) as t:
        await go_to_the_end(office, t)
        assert not t.queue.window.at_top
        await t.press("left_square_bracket")
        await t.on(office.of(_MANY + 2).id)
        await t.press("left_square_bracket")
        await t.on(office.of(_MANY + 1).id)
        await t.press("right_square_bracket")
        await t.on(office.of(_MANY + 2).id)
        await t.press("right_square_bracket")
        await t.see("none below is overdue")
        assert t.cursor == office.of(_MANY + 2).id


@sync
async def test_what_is_claimed_next_is_gone_to_wherever_it_stands(office: Office) -> None:
    first = office.of(1).id
    with office.store.database.write() as tx:
        tx.run(
            "UPDATE conversation SET assignee = 'bob', claim_until = :until WHERE id < :last",
            {"until": int(START.timestamp() + 1000) * 1_000_000, "last": first + 1200},
        )
    async with office.terminal(size=(80, 24)) as t:
        await t.press("space")
        await t.on(first + 1200)
        around = t.rows.index(first + 1200)
        assert t.rows[around - 1] == first + 1199
        assert t.rows[around + 1] == first + 1201


@sync
async def test_a_reading_on_the_way_there_does_not_lead_back_to_the_top(office: Office) -> None:
    far = office.of(1200).id
    async with office.terminal(size=(80, 24)) as t:
        t.main.reading.reload()
        t.main.reading.reload_on(far)
        t.main.reading.reload()
        await t.on(far)
        await t.settle()
        await t.settle()
        assert t.rows[t.rows.index(far) - 1] == far - 1


@sync
async def test_a_short_list_says_how_many_it_has_and_a_search_what_it_left_out(
    office: Office,
) -> None:
    for number in range(1, 4):
        office.desk.claim(office.of(number).id, "ann")
    async with office.terminal(size=(100, 24)) as t:
        await t.press("1")
        await t.see("[mine] 3 here")
        await t.press("slash")
        await t.type("subject")
        await t.press("enter")
        await t.see("first 500 of 1,500")
        assert len(t.rows) == 500


@sync
async def test_the_bar_at_the_side_leads_to_any_part_of_the_list(office: Office) -> None:
    async with office.terminal(size=(80, 24)) as t:
        await t.wait(lambda: t.queue.window.total == _MANY)
        await t.pilot.click(t.queue, offset=(79, t.queue.size.height - 1))
        await t.on(office.of(_MANY).id)


@sync
async def test_the_wheel_and_clicks_move_the_cursor_and_two_clicks_read(office: Office) -> None:
    async with office.terminal(size=(80, 24)) as t:
        await t.pilot.click(t.queue, offset=(30, 4))
        assert t.cursor == t.rows[4]
        await t.pilot.click(t.queue, offset=(30, 5), times=2)
        await t.wait(lambda: t.main.place.conversation.reading)
        assert t.cursor == t.rows[5]


def spied_on(queue: QueueList, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines that are drawn from now on."""
    draw = queue.render_line
    drawn: list[int] = []

    def render_line(y: int) -> Strip:
        drawn.append(y)
        return draw(y)

    monkeypatch.setattr(queue, "render_line", render_line)
    return drawn


@sync
async def test_what_is_held_beyond_the_screen_is_not_drawn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office.terminal(size=(80, 24)) as t:
        t.main.paging.jump(0.5)
        await t.on(office.of(_MANY // 2).id)
        await t.settle()
        window = t.queue.window
        held = window.generation
        drawn = spied_on(t.queue, monkeypatch)
        t.main.paging.more(backwards=False)
        await t.wait(lambda: window.generation > held)
        await t.settle()
        assert not drawn


@sync
async def test_of_a_list_that_is_read_again_only_what_is_new_is_drawn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office.terminal(size=(80, 24)) as t:
        office.desk.claim(t.rows[4], "bob")
        drawn = spied_on(t.queue, monkeypatch)
        await t.read_again()
        await t.see("bob")
        assert drawn == [4]
