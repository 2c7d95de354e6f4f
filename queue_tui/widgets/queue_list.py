"""The queue: a list over the Line API whose cursor belongs to a conversation, not to a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from monitor.clean import Safe, clean_line
from monitor.clock import Clock
from monitor.message import Conversation
from monitor.urgency import Urgency, urgency
from queue_tui.seconds import whole
from queue_tui.widgets.plain import cells
from queue_tui.widgets.row import TIME_COLUMNS, Marks, rest_shown, rest_text, time_text
from queue_tui.widgets.window import Stretch, Window

_AHEAD = 60
_WHEEL = 3
_BAR = clean_line(" ")
_SIGNS_END = 3
_REST = 0.7
_STYLES = {Urgency.OVERDUE: "overdue", Urgency.DUE_SOON: "soon", Urgency.ON_TIME: "calm"}


class _Line(NamedTuple):
    """What a line is made of: the column that counts, all else, and how it looks."""

    time: Safe
    rest: tuple[object, ...]
    chosen: bool
    thumb: bool


class QueueList(Widget, can_focus=True, inherit_bindings=False):
    """One line for each conversation; what is as it was drawn is not drawn again."""

    COMPONENT_CLASSES = {
        "queue-list--overdue", "queue-list--soon", "queue-list--calm", "queue-list--cursor",
        "queue-list--thumb",
    }  # fmt: skip

    class Moved(Message):
        """The cursor is on another conversation, or on none."""

    class NearEdge(Message):
        """The cursor comes near the first or the last row that is held."""

        def __init__(self, *, backwards: bool) -> None:
            super().__init__()
            self.backwards = backwards

    class Jump(Message):
        """The bar at the side was clicked: the person wants to be at this part of the list."""

        def __init__(self, part: float) -> None:
            super().__init__()
            self.part = part

    class Opened(Message):
        """A row was clicked twice."""

    def __init__(self, clock: Clock, who: str) -> None:
        super().__init__()
        self._clock = clock
        self.marks = Marks(who)
        self.window = Window()
        self.top = 0
        self._drawn: dict[int, _Line] = {}
        self._texts: dict[int, tuple[object, Safe]] = {}
        self._thumb = range(0)
        self._now = whole(clock())
        self._base = Style()
        self.selected: int | None = None
        self.typed_ahead: str | None = None
        self._deaf: Timer | None = None

    @property
    def rows(self) -> Sequence[Conversation]:
        return self.window.rows

    @property
    def current(self) -> Conversation | None:
        """The conversation under the cursor."""
        index = self._cursor()
        return self.rows[index] if index is not None else None

    def show(self, held: Stretch, *, selected_now: Conversation | None) -> None:
        """Show these rows. The selected conversation keeps the cursor; where it is no longer
        among them it stays, as `selected_now`, until the cursor is moved away from it."""
        before, top = self._cursor(), self.top
        self.window.replace(held)
        if selected_now and self.window.index(selected_now.id) is None:
            self.window.keep(selected_now, before or 0)
        after = self._cursor()
        if after is None:
            self.top = 0
            if self.rows:
                self._select(0)
        else:
            self._move_top(top + after - (after if before is None else before))
            self._bring_into_view(after)
        self.draw_changes()

    def forget(self) -> None:
        """Let the cursor belong to nobody: another list, or another part of it, is to come."""
        self.selected = None
        self.top = 0
        self.window.clear()

    def extend(self, held: Stretch, *, backwards: bool) -> None:
        """Hold more rows at one end; nothing moves on the screen."""
        first = self.rows[self.top].id if self.top < len(self.rows) else None
        self.window.extend(held, backwards=backwards)
        self._move_top(self.window.index(first) or 0)
        self.draw_changes()

    def counted(self, total: int, above: int) -> None:
        """So many rows has the whole list, and so many of them lie above what is held."""
        self.window.counted(total, above)
        self.draw_changes()

    def move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        if self.rows:
            self._select(max(0, min(len(self.rows) - 1, (self._cursor() or 0) + by)))

    def move_to(self, index: int) -> None:
        """Move the cursor to a row that is held, from the end where negative."""
        if self.rows:
            self._select(index % len(self.rows))

    def select(self, conversation: int) -> bool:
        """Put the cursor on a conversation; False where it isn't held."""
        index = self.window.index(conversation)
        if index is not None:
            self._select(index)
        return index is not None

    def page_rows(self) -> int:
        """How many rows a page has."""
        return max(1, self.size.height - 1)

    def draw_changes(self) -> None:
        """Draw what is not as it was drawn: mostly the last digits of countdowns."""
        self._begin()
        found = (self._changed(y) for y in range(self.size.height))
        changed = [region for region in found if region]
        if changed:  # without a region all would be drawn
            self.refresh(*changed)

    def _changed(self, y: int) -> Region | None:
        """The part of a line that is not as it was drawn."""
        line, drawn = self._line(y), self._drawn.get(y)
        if line == drawn:
            return None
        if line is None or drawn is None or line[1:] != drawn[1:]:
            return Region(0, y, self.size.width, 1)
        pairs = enumerate(zip(line.time, drawn.time, strict=False))
        same = next((number for number, (a, b) in pairs if a != b), 0)
        first = 0 if same < _SIGNS_END else same  # another sign has another colour
        return Region(first, y, TIME_COLUMNS - first, 1)

    def _line(self, y: int) -> _Line | None:
        number = self.top + y
        if number >= len(self.rows):
            return None
        row = self.rows[number]
        rest = rest_shown(row, self._now, self.marks)
        return _Line(self._time(row), rest, row.id == self.selected, y in self._thumb)

    def _begin(self) -> None:
        """Ask once for what is the same for all lines, and costly."""
        self._now = whole(self._clock())
        height, window = self.size.height, self.window
        first = (window.above + self.top) * height // max(1, window.total)
        last = first + height * height // max(1, window.total)
        self._thumb = range(first, last + 1) if window.total > height else range(0)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._begin()
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        line = self._line(y)
        if line is None:
            self._drawn.pop(y, None)
            return Strip.blank(self.size.width, self._base)
        self._drawn[y] = line
        return self._strip(y, line)

    def collect(self) -> None:
        """What is typed from now on is for what comes up next, until it is handed over."""
        self.typed_ahead = self.typed_ahead or ""

    def hand_over(self, take: Callable[[str], None]) -> None:
        """Give `take` what was typed ahead; it takes the keys too, at once.

        That is when every key that was on its way to this list has come: none is lost, and none
        overtakes another.
        """
        self.call_later(self._hand_over, take)

    def _hand_over(self, take: Callable[[str], None]) -> None:
        if self.message_queue_size:
            self.hand_over(take)
            return
        typed, self.typed_ahead = self.typed_ahead or "", None
        take(typed)

    def drop_typed(self) -> None:
        """No composer comes: who types on does nothing until they rest, least of all a command."""
        self.typed_ahead = ""
        self._deaf = self._deaf or self.set_timer(_REST, self._hear)

    def _hear(self) -> None:
        self._deaf = self.typed_ahead = None

    async def _on_key(self, event: events.Key) -> None:
        """Keys that come in one burst are for what the one before them opens, and nothing else."""
        focused = self.screen.focused
        if self.typed_ahead is not None:
            self._type_ahead(event)
        elif self.app.screen is not self.screen:
            pass  # what has come up meanwhile is to be read first
        elif focused is not None and focused is not self:
            focused.post_message(events.Key(event.key, event.character))
        elif not await self._act(event.key):
            await super()._on_key(event)
            return
        if self._deaf:
            self._deaf.reset()
        event.stop()
        event.prevent_default()

    def _type_ahead(self, event: events.Key) -> None:
        if event.key == "enter":
            self.typed_ahead = f"{self.typed_ahead}\n"
        elif event.character and event.is_printable:
            self.typed_ahead = f"{self.typed_ahead}{event.character}"

    async def _act(self, key: str) -> bool:
        """Do now what the key does: while it bubbled up, the next ones would pass here."""
        bound = self.screen.active_bindings.get(key)
        return bool(bound and await self.app.run_action(bound.binding.action, bound.node))

    def on_resize(self) -> None:
        index = self._cursor()
        self._move_top(self.top)
        if index is not None:
            self._bring_into_view(index)

    def on_click(self, event: events.Click) -> None:
        if self._thumb and event.x >= self.size.width - 1:
            self.post_message(self.Jump(event.y / max(1, self.size.height - 1)))
            return
        number = self.top + event.y
        if number < len(self.rows):
            self._select(number)
            if event.chain > 1:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-_WHEEL)

    def _cursor(self) -> int | None:
        return self.window.index(self.selected)

    def _select(self, index: int) -> None:
        before = self._cursor()
        self.selected = self.rows[index].id
        if not self._bring_into_view(index):
            self._refresh_rows(before, index)
        self.post_message(self.Moved())
        ahead = max(_AHEAD, 2 * self.size.height)
        if index >= len(self.rows) - ahead and not self.window.at_end:
            self.post_message(self.NearEdge(backwards=False))
        if index < ahead and not self.window.at_top:
            self.post_message(self.NearEdge(backwards=True))

    def _refresh_rows(self, *indexes: int | None) -> None:
        self.refresh(
            *(Region(0, i - self.top, self.size.width, 1) for i in indexes if i is not None)
        )

    def _bring_into_view(self, index: int) -> bool:
        """Scroll as far as needed; whether that was any."""
        top, height = self.top, max(1, self.size.height)
        self._move_top(max(index - height + 1, min(self.top, index)))
        if self.top != top:
            self.refresh()
        return self.top != top

    def _move_top(self, top: int) -> None:
        self.top = max(0, min(top, len(self.rows) - max(1, self.size.height)))

    def _strip(self, y: int, line: _Line) -> Strip:
        row, width, base = self.rows[self.top + y], self.size.width, self._base
        if line.chosen:
            base += self.get_component_rich_style("queue-list--cursor")
        bar = self.get_component_rich_style("queue-list--thumb") if line.thumb else base
        urgent = base + self._urgency_style(row)
        rest = self._rest(y, line, row)
        return Strip(
            [cells(line.time, urgent), cells(rest, base), cells(_BAR, bar)],
            max(width, TIME_COLUMNS + 1),
        ).crop(0, width)

    def _rest(self, y: int, line: _Line, row: Conversation) -> Safe:
        """Most lines are drawn for their seconds alone, and say what they said before."""
        width = self.size.width - TIME_COLUMNS - 1
        made_of = (line.rest, width)
        known = self._texts.get(y)
        if known and known[0] == made_of:
            return known[1]
        text = rest_text(row, self._now, self.marks, width)
        self._texts[y] = (made_of, text)
        return text

    def _time(self, row: Conversation) -> Safe:
        gone, chosen = row.id == self.window.guest, row.id == self.selected
        return time_text(row, self._now, gone=gone, chosen=chosen)

    def _urgency_style(self, row: Conversation) -> Style:
        name = "calm"
        if row.reply_by is not None:
            name = _STYLES[urgency(row.reply_by, row.window, self._now)]
        return self.get_component_rich_style(f"queue-list--{name}", partial=True)
