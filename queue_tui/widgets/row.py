"""One conversation as a line of the queue: time, channel, holder, marks, customer, first words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from monitor import wording
from monitor.channel_names import short
from monitor.clean import Safe, clean_line
from monitor.message import Conversation, State
from monitor.width import cut, pad

TIME_COLUMNS = 12
_ROOMY = 60
_SIGNS = 4
_FATES = {"unsure": "?", "failed": "x", "bounced": "x", "delayed": "~"}
_GONE = {State.SENDING: "sending", State.SNOOZED: "snoozed"}


@dataclass
class Marks:
    """What a person should see of rows besides what stands in them."""

    who: str
    marked: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    drafts: frozenset[int] = frozenset()
    blind: frozenset[str] = frozenset()
    present: dict[int, str] = field(default_factory=dict)


def time_text(row: Conversation, now: datetime, *, gone: bool, chosen: bool) -> Safe:
    """The column that each second changes; the cursor's sign too, for plain terminals."""
    cursor = ">" if chosen else " "
    return clean_line(f"{cursor}{wording.mark(row, now)}{_time(row, now, gone):>8} ")


def rest_shown(row: Conversation, now: datetime, marks: Marks) -> tuple[object, ...]:
    """All that `rest_text` is made of but its width: where it is the same, the text is too."""
    number = row.id
    return (
        row, _minutes(row, now), number in marks.marked, number in marks.unread,
        number in marks.drafts, row.account in marks.blind, marks.present.get(number),
    )  # fmt: skip


def rest_text(row: Conversation, now: datetime, marks: Marks, width: int) -> Safe:
    """All other columns, exactly `width` wide; what customers wrote comes last."""
    channel = clean_line(short(row.channel), 20)
    customer = clean_line(row.customer_name or row.customer_address or "(unknown)", 60)
    roomy = width + TIME_COLUMNS >= _ROOMY
    holder = pad(_holder(row, now, marks.who, roomy=roomy), 11 if roomy else 7)
    columns = f"{pad(channel, 4)} {holder} {_marks(row, marks)} {pad(customer, 16)}"
    shown, used = cut(f"{columns} {_words(row, marks)}", max(0, width))
    return clean_line(shown + " " * max(0, width - used))


def _time(row: Conversation, now: datetime, gone: bool) -> str:
    if gone and row.state is not State.WAITING:
        return _GONE.get(row.state, "done")
    if row.state is State.SNOOZED and row.snoozed_until:
        return f"zz{wording.countdown((row.snoozed_until - now).total_seconds())}"[:8]
    return wording.due(row, now)[:8]


def _holder(row: Conversation, now: datetime, who: str, *, roomy: bool) -> str:
    if not row.assignee:
        return "-"
    name = ">you" if row.assignee == who else clean_line(row.assignee, 20)
    minutes = _minutes(row, now)
    if not roomy or minutes is None:
        return name
    return f"{cut(name, 7)[0]} {minutes}m" if minutes < 100 else name


def _minutes(row: Conversation, now: datetime) -> int | None:
    """For how long the claim still holds."""
    until = row.claim_until
    return None if until is None else max(0, int((until - now).total_seconds()) // 60)


def _marks(row: Conversation, marks: Marks) -> str:
    signs = (
        (row.id in marks.marked, "+"),
        (row.send_state in _FATES, _FATES.get(row.send_state or "", "")),
        (row.id in marks.unread, "*"),
        (row.lead, "^"),
        (row.id in marks.drafts, "d"),
        (row.account in marks.blind, "b"),
    )
    return "".join(sign for shown, sign in signs if shown)[:_SIGNS].ljust(_SIGNS)


def _words(row: Conversation, marks: Marks) -> str:
    there = marks.present.get(row.id)
    before = f"({clean_line(there, 30)}) " if there else ""
    return before + clean_line(row.subject or row.preview, 300)
