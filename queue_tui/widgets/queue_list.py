"""The queue: a list over the Line API whose cursor belongs to a conversation, not to a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from monitor import wording
from monitor.clean import clean_line
from monitor.clock import Clock
from monitor.message import Conversation, State
from monitor.urgency import Urgency, urgency
from monitor.width import cut, pad

_TIME_COLUMNS = 12
_CHANNELS = {"email": "mail", "twitter": "x", "facebook": "fb"}


class QueueList(ScrollView, can_focus=True, inherit_bindings=False):
    """One line for each conversation; redrawing a second's countdown touches one column."""

    COMPONENT_CLASSES = {
        "queue-list--overdue", "queue-list--soon", "queue-list--calm", "queue-list--cursor",
    }  # fmt: skip

    class Moved(Message):
        """The cursor is on another conversation, or on none."""

        def __init__(self, conversation: int | None) -> None:
            super().__init__()
            self.conversation = conversation

    class NearEnd(Message):
        """The cursor comes near the last row that is loaded."""

    def __init__(self, clock: Clock, who: str) -> None:
        super().__init__()
        self._clock = clock
        self._who = who
        self._rows: list[Conversation] = []
        self._index: dict[int, int] = {}
        self._gone: set[int] = set()
        self.selected: int | None = None
        self.typed_ahead: str | None = None

    @property
    def rows(self) -> Sequence[Conversation]:
        return self._rows

    @property
    def current(self) -> Conversation | None:
        """The conversation under the cursor."""
        index = self._cursor()
        return self._rows[index] if index is not None else None

    def show(self, rows: Sequence[Conversation], *, selected_now: Conversation | None) -> None:
        """Show these rows. The selected conversation keeps the cursor; where it is no longer
        among them it stays, as `selected_now`, until the cursor is moved away from it."""
        before, offset = self._cursor(), self.scroll_offset.y
        fresh = list(rows)
        self._gone = set()
        if selected_now and all(row.id != selected_now.id for row in fresh):
            fresh.insert(min(before or 0, len(fresh)), selected_now)
            self._gone = {selected_now.id}
        self._rows = fresh
        self._index = {row.id: number for number, row in enumerate(fresh)}
        self.virtual_size = Size(self.size.width, len(fresh))
        after = self._cursor()
        if after is None and fresh:
            self._select(0)
        elif before is not None and after is not None and after != before:
            # Only once the new height is known can the list be scrolled there.
            self.call_after_refresh(self._stay, max(0, offset + after - before))
        self.refresh()

    def _stay(self, top: int) -> None:
        self.scroll_to(y=top, animate=False)
        index = self._cursor()
        if index is not None:
            self._bring_into_view(index)

    def move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        index = self._cursor()
        if self._rows:
            self._select(max(0, min(len(self._rows) - 1, (index or 0) + by)))

    def move_to(self, index: int) -> None:
        """Move the cursor to a row, from the end where negative."""
        if self._rows:
            self._select(index % len(self._rows))

    def select(self, conversation: int) -> bool:
        """Put the cursor on a conversation; False where it isn't in the list."""
        if conversation not in self._index:
            return False
        self._select(self._index[conversation])
        return True

    def page_rows(self) -> int:
        """How many rows a page has."""
        return max(1, self.size.height - 1)

    def tick(self) -> None:
        """A second has passed: draw the countdowns anew."""
        self.refresh(Region(0, 0, _TIME_COLUMNS, self.size.height))

    def render_line(self, y: int) -> Strip:
        number = self.scroll_offset.y + y
        width = self.size.width
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        return self._row(self._rows[number], self._clock(), width)

    async def _on_key(self, event: events.Key) -> None:
        """While the composer is on its way, what is typed is for it and for nothing else."""
        if self.typed_ahead is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.typed_ahead += "\n"
        elif event.character and event.is_printable:
            self.typed_ahead += event.character

    def on_click(self, event: events.Click) -> None:
        number = self.scroll_offset.y + event.y
        if number < len(self._rows):
            self._select(number)

    def _cursor(self) -> int | None:
        return self._index.get(self.selected) if self.selected is not None else None

    def _select(self, index: int) -> None:
        self.selected = self._rows[index].id
        self._bring_into_view(index)
        self.refresh()
        self.post_message(self.Moved(self.selected))
        if index >= len(self._rows) - max(1, self.size.height):
            self.post_message(self.NearEnd())

    def _bring_into_view(self, index: int) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False)

    def _row(self, row: Conversation, now: datetime, width: int) -> Strip:
        base = self.rich_style
        chosen = row.id == self.selected
        if chosen:
            base += self.get_component_rich_style("queue-list--cursor")
        cursor = ">" if chosen else " "  # colour alone would say nothing on a plain terminal
        time = f"{cursor}{wording.mark(row, now)}{_time(row, now, row.id in self._gone):>8} "
        rest = f"{self._columns(row)} {_subject(row)}"
        shown, used = cut(rest, max(0, width - _TIME_COLUMNS))
        filled = shown + " " * max(0, width - _TIME_COLUMNS - used)
        return Strip(
            [Segment(time, base + self._urgency_style(row, now)), Segment(filled, base)], width
        ).crop(0, width)

    def _columns(self, row: Conversation) -> str:
        holder = ">you" if row.assignee == self._who else clean_line(row.assignee or "-", 20)
        channel = clean_line(_CHANNELS.get(row.channel, row.channel), 20)
        customer = clean_line(row.customer_name or row.customer_address or "(unknown)", 60)
        return f"{pad(channel, 4)} {pad(holder, 7)} {_marks(row)} {pad(customer, 16)}"

    def _urgency_style(self, row: Conversation, now: datetime) -> Style:
        if row.reply_by is None:
            return self.get_component_rich_style("queue-list--calm", partial=True)
        name = {Urgency.OVERDUE: "overdue", Urgency.DUE_SOON: "soon", Urgency.ON_TIME: "calm"}
        kind = urgency(row.reply_by, row.window, now)
        return self.get_component_rich_style(f"queue-list--{name[kind]}", partial=True)


def _time(row: Conversation, now: datetime, gone: bool) -> str:
    if gone and row.state is not State.WAITING:
        return {State.SENDING: "sending", State.SNOOZED: "snoozed"}.get(row.state, "done")
    if row.state is State.SNOOZED and row.snoozed_until:
        return f"zz{wording.countdown((row.snoozed_until - now).total_seconds())}"[:8]
    return wording.due(row, now)[:8]


def _marks(row: Conversation) -> str:
    fate = {"unsure": "?", "failed": "x", "bounced": "x", "delayed": "~"}.get(
        row.send_state or "", " "
    )
    return ("^" if row.lead else " ") + fate


def _subject(row: Conversation) -> str:
    return clean_line(row.subject or row.preview, 300)
