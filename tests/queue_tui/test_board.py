"""The lead's board, driven key by key over a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from gc import collect
from pathlib import Path
from weakref import ref
from zoneinfo import ZoneInfo

import pytest

from monitor.figures import SLOT, Figures, Flow, Slot, begin_of_day
from monitor.width import width
from queue_tui.board_rows import chart
from queue_tui.screens.board_screen import BoardScreen
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.widgets.composer_text import Text
from queue_tui.widgets.queue_list import QueueList
from tests.fakes import FakeClock
from tests.hostile import texts
from tests.queue_tui.driving import CONFIG, sync
from tests.queue_tui.lead import SALES, LeadOffice
from tests.replyby import replyby_inside


@pytest.fixture
def office(tmp_path: Path, clock: FakeClock, empty_database: Path) -> Iterator[LeadOffice]:
    with LeadOffice.on(empty_database, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def late(office: LeadOffice) -> LeadOffice:
    """Two overdue at support (one of them Bob's), one due soon at sales, one in time at page."""
    office.wrote(1, "support", "Ada")
    office.wrote(2, "support", "Ben")
    office.clock.forward(hours=6, minutes=-30)
    office.wrote(3, "page", "Cem")
    office.clock.forward(hours=-5)
    office.wrote(4, "sales", "Dora")
    office.clock.forward(hours=5, minutes=40)
    assert office.desk.claim(office.of(1).id, "bob").assignee == "bob"
    office.reads_all()
    return office


def cells(line: str) -> list[str]:
    """The numbers of a row."""
    return line.replace("≥ ", "≥")[23:52].split()


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (160, 45)], ids=str)
@sync
async def test_the_board_counts_by_channel_account_and_person(
    late: LeadOffice, size: tuple[int, int]
) -> None:
    async with late.board(size) as board:
        await board.see("2 overdue", "1 due soon", "4 waiting", "3 unclaimed")
        assert cells(board.row("everything")) == ["2", "1", "4"]
        assert cells(board.row("unclaimed")) == ["1", "1", "3"]
        assert cells(board.row("email")) == ["2", "1", "3"]
        assert cells(board.row("facebook")) == ["0", "0", "1"]
        assert cells(board.row("sales")) == ["0", "1", "1"]
        await board.press("end")
        await board.see("bob")
        assert cells(board.row("bob")) == ["1", "0", "1"]
        assert "Ada" in board.row("oldest")
        assert "Dora" in board.row("next over")
        assert "arrived" in board.text


@pytest.mark.parametrize("size", [(8, 3), (20, 6), (40, 12), (300, 60)], ids=str)
@sync
async def test_no_size_is_too_small_or_too_large(late: LeadOffice, size: tuple[int, int]) -> None:
    async with late.board(size) as board:
        await board.press("end", "j", "k", "pageup", "pagedown", "home")
        for other in ((1, 1), (300, 60), size):
            await board.pilot.resize_terminal(*other)
            await board.pilot.pause()
        assert all(width(line) <= size[0] for line in board.text.splitlines())


@pytest.mark.parametrize("size", [(8, 3), (80, 24), (160, 45)], ids=str)
@sync
async def test_an_empty_desk_is_counted_too(office: LeadOffice, size: tuple[int, int]) -> None:
    async with office.board(size) as board:
        await board.press("j", "end", "enter")
        await board.wait(lambda: isinstance(board.pilot.app.screen, QueueScreen))
        await board.press("escape")
        await board.wait(lambda: isinstance(board.pilot.app.screen, BoardScreen))


@sync
async def test_a_blind_account_makes_lower_bounds_and_says_what_to_do(late: LeadOffice) -> None:
    late.blind("page", "the token ended", "get a new token")
    async with late.board((160, 45)) as board:
        await board.see("≥ 2 overdue", "blind: page")
        assert cells(board.row("facebook")) == ["≥0", "≥0", "≥1"]
        assert cells(board.row("email")) == ["2", "1", "3"]
        assert "BLIND: get a new token" in board.row("page")
        assert "the token ended" not in board.text
        await board.to("page")
        await board.see("page is blind", "the token ended", "What to do: get a new token")


@sync
async def test_what_others_do_shows_by_itself(late: LeadOffice) -> None:
    async with late.board() as board:
        late.wrote(9, "page", "Eve")
        await board.see("5 waiting")
        late.desk.here("ann", 7, typing=True)
        await board.press("end")
        await board.see("typing at #7")


@sync
async def test_time_alone_makes_things_late(late: LeadOffice) -> None:
    async with late.board() as board:
        before = board.row("next over")
        late.clock.forward(seconds=5)
        await board.wait(lambda: board.row("next over") != before)
        late.clock.forward(hours=1)
        await board.see("3 overdue")


@sync
async def test_the_cursor_stays_on_what_it_was_put_on(late: LeadOffice) -> None:
    async with late.board((120, 40)) as board:
        await board.to("bob")
        chosen = board.rows.selected
        late.desk.here("ann", None)
        await board.see("ann")
        assert board.rows.selected == chosen
        assert board.row("bob").startswith(">")


DRILLS = [
    ("everything", {1, 2, 3, 4}),
    ("unclaimed", {2, 3, 4}),
    ("email", {1, 2, 4}),
    ("sales", {4}),
    ("bob", {1}),
]


@pytest.mark.parametrize(("name", "customers"), DRILLS)
@sync
async def test_enter_shows_what_a_row_counts_and_esc_comes_back(
    late: LeadOffice, name: str, customers: set[int]
) -> None:
    wanted = {late.of(number).id for number in customers}
    async with late.board((120, 40)) as board:
        await board.to(name)
        await board.press("enter")
        app = board.pilot.app
        await board.wait(lambda: isinstance(app.screen, QueueScreen))
        shown = app.screen.query_one(QueueList)
        await board.wait(lambda: {row.id for row in shown.rows} == wanted)
        assert name in board.text.splitlines()[0]
        await board.press("escape")
        await board.wait(lambda: isinstance(app.screen, BoardScreen))
        await board.see("overdue")


@sync
async def test_nothing_of_a_queue_that_was_left_is_kept(late: LeadOffice) -> None:
    async with late.board() as board:
        app = board.pilot.app
        left = []
        for _ in range(4):  # of the last ones Textual may still hold what it drew
            await board.press("enter")
            await board.wait(lambda: isinstance(app.screen, QueueScreen))
            await board.wait(lambda: app.screen.query_one(QueueList).rows)
            left.append(ref(app.screen.query_one(Text)))
            await board.press("escape")
            await board.wait(lambda: isinstance(app.screen, BoardScreen))

        def is_gone() -> bool:
            collect()
            return left[0]() is None

        await board.wait(is_gone)


@sync
async def test_a_lost_store_is_said_and_its_return_ends_it(late: LeadOffice) -> None:
    async with late.board() as board:
        await board.see("2 overdue")
        with late.broken():
            await board.press("r")
            await board.see("NOT up to date")
            assert "2 overdue" in board.text
        await board.press("r")
        await board.wait(lambda: "NOT up to date" not in board.text)


@sync
async def test_hostile_names_reach_the_board_cleaned_and_aligned(office: LeadOffice) -> None:
    names = [text.replace("\0", "") for text in texts(2000)]
    for number, name in enumerate(names[:20]):
        office.wrote(number, "support", name, name)
    office.blind("page", names[3], names[5])
    people = [n.encode("utf-8", "replace").decode() for n in names]
    for name in people:
        office.desk.here(name, None)
        office.clock.forward(milliseconds=10)
    async with office.board((100, 120)) as board:
        await board.see("people")
        text = board.text
        lines = [line for line in text.splitlines() if "here" in line]
        assert len(lines) > 30
        assert all(cells(_from(line, 23)) == ["0", "0", "0"] for line in lines)
    bad = [
        c for c in set(text) if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c == "\u202e"
    ]
    assert bad == []


def _from(line: str, columns: int) -> str:
    """The line with what stands in its first columns made narrow: one character a column."""
    cut = 0
    while width(line[:cut]) < columns:
        cut += 1
    return " " * columns + line[cut:]


def paper(office: LeadOffice, *words: str) -> str:
    (office.folder / "config.toml").write_text(CONFIG + SALES)
    env = {"COLUMNS": "100", "REPLYBY_TEST_PASSWORD": "x"}
    done = replyby_inside(["board", *words], office.folder, env)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_once_prints_the_same_as_text(late: LeadOffice) -> None:
    text = paper(late, "--once")
    assert "4 waiting" in text
    assert "bob" in text
    assert "last hour" in text


def test_once_as_json_has_the_whole_of_it(late: LeadOffice) -> None:
    seen = json.loads(paper(late, "--once", "--json"))
    assert seen["waiting"] == 4
    assert seen["accounts"]["sales"]["waiting"] == 1
    assert seen["people"]["bob"]["claimed"] == 1
    assert {"last_hour", "today", "day", "oldest", "unclaimed", "aside"} <= set(seen)


def test_json_without_once_is_refused(late: LeadOffice) -> None:
    done = replyby_inside(["board", "--json"], late.folder, {})
    assert (done.returncode, done.stdout) == (2, "")
    assert "--once" in done.stderr


@sync
async def test_counting_writes_nothing(late: LeadOffice) -> None:
    async with late.board() as board:
        await board.see("4 waiting")
        mark = late.store.database.change_mark()
        late.clock.forward(seconds=1)
        await board.press("r")
        await board.see("15:10:01")
        await board.wait(lambda: not board.screen.counting)
        assert late.store.database.change_mark() == mark


@pytest.mark.parametrize(("month", "date", "quarters"), [(3, 29, 92), (10, 25, 100), (6, 1, 96)])
def test_the_chart_is_as_long_as_the_day(month: int, date: int, quarters: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    noon = datetime(2026, month, date, 12, tzinfo=zone).astimezone(UTC)
    day = begin_of_day(noon, zone)
    slots = tuple(Slot(day + n * SLOT, Flow(1)) for n in range((noon - day) // SLOT))
    *_, hours = chart(Figures(noon, day, slots=slots), zone, 140)
    line = hours[11:]
    assert line.index("full:") == quarters + 2
    assert (line.index("12"), line.index("21")) == (quarters - 48, quarters - 12)
