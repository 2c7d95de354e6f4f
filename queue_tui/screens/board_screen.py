"""The lead's board: how late the desk is, where, whose, and how the day goes; live."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen

from monitor import wording
from monitor.clean import Safe, clean_block, clean_line
from monitor.desk import Desk
from monitor.figures import Figures, begin_of_day
from monitor.wiring import House
from queue_tui import board_rows
from queue_tui.clerk import Clerk
from queue_tui.events import Done, Failed, UnderWay
from queue_tui.painted import forget_painted
from queue_tui.screens.board_queue import queue_of
from queue_tui.seconds import each_second
from queue_tui.widgets.board_list import BoardList
from queue_tui.widgets.plain import NOTHING, Plain

_READ_SECONDS = 5
_REST = 5
_KEYS = " Enter show these in the queue   j k choose   r count again   q quit"
_KEYS_ABOVE = f"{_KEYS}   Esc back"
_ALONE = 2  # Textual's own empty screen lies below
_COUNTING = "counting…"
_BARS = {"-huge": 6, "-high": 4}  # lines of a bar, by the height of the screen


class BoardScreen(Screen[None]):
    """Reads the store every five seconds, at once when it has changed, and never waits for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("pagedown", "page(1)", "a page down", show=False),
        Binding("pageup", "page(-1)", "a page up", show=False),
        Binding("home,g", "move(-999999)", "to the top", show=False),
        Binding("end,G", "move(999999)", "to the end", show=False),
        Binding("enter", "open", "show these in the queue", show=False),
        Binding("r", "read", "count again", show=False),
        Binding("escape,b", "leave", "back", show=False),
        Binding("q", "app.quit", "quit", show=False),
    ]
    VERTICAL_BREAKPOINTS = [
        (0, "-tiny"), (8, "-short"), (18, "-tall"), (30, "-high"), (40, "-huge"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    BoardScreen { layout: vertical; }
    BoardScreen .line { height: 1; width: 100%; text-wrap: nowrap; text-overflow: ellipsis; }
    BoardScreen #board-head, BoardScreen #board-keys { background: $panel; }
    BoardScreen #board-head { text-style: bold; }
    BoardScreen #board-keys { color: $text-muted; }
    BoardScreen #board-now { text-style: bold; }
    BoardScreen #board-now.-soon { color: $text-warning; }
    BoardScreen #board-now.-overdue { color: $text-error; }
    BoardScreen #board-next.-soon { color: $text-warning; text-style: bold; }
    BoardScreen #board-chart { height: 3; width: 100%; text-wrap: nowrap; color: $text-primary; }
    BoardScreen #board-detail { height: auto; min-height: 2; max-height: 4; width: 100%;
                                color: $text-warning; padding: 0 1; }
    BoardScreen #board-detail.-fault { color: $text-error; text-style: bold; }
    BoardScreen #board-body { height: 1fr; width: 100%; }
    BoardScreen.-high #board-chart, BoardScreen.-huge #board-chart { height: 9; margin: 1 0; }
    BoardScreen.-huge #board-chart { height: 13; }
    BoardScreen.-short #board-chart, BoardScreen.-tiny #board-chart { display: none; }
    BoardScreen.-short #board-detail { min-height: 1; max-height: 1; }
    BoardScreen.-tiny #board-detail, BoardScreen.-tiny #board-keys, BoardScreen.-tiny .more
        { display: none; }
    """

    def __init__(self, house: House, clerk: Clerk, who: str) -> None:
        super().__init__()
        self._house = house
        self._clerk = clerk
        self._who = who
        self._zone = ZoneInfo(house.config.desk.timezone)
        self._seen: Figures | None = None
        self._mark: object = None
        self.counting = False
        self._age = 0
        self._rest = 0
        self._fault = ""

    def compose(self) -> ComposeResult:
        yield Plain(self._head(), id="board-head", classes="line")
        yield Plain(clean_line(f" {_COUNTING}"), id="board-now", classes="line")
        with Vertical(id="board-body"):
            yield Plain(id="board-next", classes="line more")
            yield Plain(id="board-oldest", classes="line more")
            yield Plain(id="board-flow", classes="line more")
            yield Plain(id="board-chart")
            with Container(id="board-rows"):
                yield BoardList()
        yield Plain(id="board-detail")
        above = len(self.app.screen_stack) > _ALONE
        yield Plain(clean_line(_KEYS_ABOVE if above else _KEYS), id="board-keys", classes="line")

    def on_mount(self) -> None:
        self.query_one(BoardList).focus()
        self._house.tell = lambda text: self.post_message(UnderWay(text))
        each_second(self, self._house.clock, self._tick)
        self._read()

    def on_screen_resume(self) -> None:
        forget_painted()
        self._mark = None
        self._read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_chart)

    # What comes back from the desk

    def on_done(self, event: Done) -> None:
        event.then(event.result)

    def on_failed(self, event: Failed) -> None:
        self.counting = False
        now, seen = self._house.clock(), self._seen
        since = f" since {wording.clock(seen.at, self._zone, now)}" if seen else ""
        self._fault = f"NOT up to date{since}: {event.reason}"
        self._show_detail()

    def on_under_way(self, event: UnderWay) -> None:
        self._line("#board-now", clean_line(f" {event.text or _COUNTING}", 300))

    # Keeping up with the store

    def _tick(self) -> None:
        if not self.is_current:
            return
        self._age += 1
        self._rest -= 1
        self._show_times()
        if self._rest <= 0:
            self._read()

    def _read(self) -> None:
        """Count anew where something has changed, or time has; one such question at a time."""
        if self.counting:
            return
        self.counting = True
        known = self._mark if self._age < _READ_SECONDS and not self._over() else None

        def call(desk: Desk) -> tuple[object, Figures | None, float]:
            begin = perf_counter()
            desk.tick()
            mark = desk.change_mark()
            if known is not None and mark == known:
                return mark, None, 0.0
            day = begin_of_day(self._house.clock(), self._zone)
            return mark, desk.figures(day), perf_counter() - begin

        self._clerk.ask(self, call, self._counted)

    def _over(self) -> bool:
        """Whether the next to go over has gone over since it was counted."""
        upcoming = self._seen.next if self._seen else None
        due = upcoming.reply_by if upcoming else None
        return due is not None and self._house.clock() > due

    def _counted(self, answer: tuple[object, Figures | None, float]) -> None:
        self.counting = False
        mark, seen, took = answer
        if self._fault:
            self._fault, self._age = "", _READ_SECONDS
        self._mark = mark
        if seen is not None:
            # A desk of millions is counted less often: at most a sixth of the time goes there.
            self._age, self._rest, self._seen = 0, int(took * _REST), seen
            self._show()

    # What is shown

    def _show(self) -> None:
        seen = self._seen
        if seen is None:
            return
        now = self.query_one("#board-now", Plain)
        self._line("#board-now", board_rows.now_line(seen))
        now.set_class(seen.load.overdue > 0, "-overdue")
        now.set_class(seen.load.due_soon > 0, "-soon")
        self._line("#board-flow", board_rows.flow_line(seen))
        self.query_one(BoardList).show(board_rows.rows(seen, self._zone))
        self._show_chart()
        self._show_times()
        self._show_detail()

    def _show_times(self) -> None:
        self._line("#board-head", self._head())
        if self._seen is not None:
            now = self._house.clock()
            self._line("#board-next", board_rows.next_line(self._seen, now))
            self._line("#board-oldest", board_rows.oldest_line(self._seen, now))

    def _show_chart(self) -> None:
        if self._seen is None:
            return
        bars = next((n for name, n in _BARS.items() if self.has_class(name)), 1)
        lines = board_rows.chart(self._seen, self._zone, self.size.width, bars)
        self._line("#board-chart", clean_block("\n".join(lines)))

    def _show_detail(self) -> None:
        detail = self.query_one("#board-detail", Plain)
        row = self.query_one(BoardList).current
        text = clean_line(self._fault, 600) if self._fault else row.detail if row else NOTHING
        if text != str(detail.content):
            detail.update(text)
        detail.set_class(bool(self._fault), "-fault")

    def _head(self) -> Safe:
        name = clean_line(self._house.config.desk.name, 40)
        local = self._house.clock().astimezone(self._zone)
        return clean_line(f" board  {name}  {local.strftime('%a %d %b  %H:%M:%S')}", 300)

    def _line(self, selector: str, text: Safe) -> None:
        """Show a text in place of another; what is the same is not painted again."""
        line = self.query_one(selector, Plain)
        if str(line.content) != text:
            line.update(text, layout=False)

    # What can be done

    def on_board_list_moved(self) -> None:
        self._show_detail()

    def on_board_list_opened(self) -> None:
        self.action_open()

    def action_move(self, by: int) -> None:
        self.query_one(BoardList).move(by)

    def action_page(self, by: int) -> None:
        rows = self.query_one(BoardList)
        rows.move(by * rows.page_rows())

    def action_read(self) -> None:
        self._mark = None
        self._read()

    def action_open(self) -> None:
        choice = self.query_one(BoardList).selected
        if choice is not None:
            self.app.push_screen(queue_of(self._house, self._clerk, self._who, choice))

    def action_leave(self) -> None:
        """Back to the screen that opened the board, where one did."""
        if len(self.app.screen_stack) > _ALONE:
            self.dismiss(None)
