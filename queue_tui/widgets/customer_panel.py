"""The customer at the side of a wide screen: who it is, their other conversations, the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from monitor import wording
from monitor.clean import clean_block, clean_line
from monitor.duration import format_duration
from monitor.message import Conversation
from queue_tui.study import Study
from queue_tui.widgets.plain import NOTHING, Plain, Styled, stacked, styled

_OTHERS_MOST = 12
_VERDICTS_MOST = 5
_TAGS_MOST = 50


class CustomerPanel(VerticalScroll):
    """Takes no keys itself."""

    can_focus = False

    def __init__(self, zone: ZoneInfo, key: str) -> None:
        """`key` is the one that chooses among what is listed."""
        super().__init__(can_focus=False)
        self._zone = zone
        self._key = key
        self._shown: object = None

    def compose(self) -> ComposeResult:
        yield Plain()

    def show(self, study: Study | None, now: datetime) -> None:
        """Show the customer of a conversation, or nobody."""
        portrait = (
            stacked(_portrait(study, now, self._zone, self._key)) if study else styled(NOTHING)
        )
        if portrait != self._shown:
            self._shown = portrait
            self.query_one(Plain).update(portrait)


def other_line(c: Conversation, now: datetime) -> str:
    """One of a customer's other conversations: `#12 support  2h 05m left  Where is my order?`."""
    state = wording.left(c.reply_by, now) if c.reply_by else c.state.label
    holder = f"  {c.assignee}" if c.assignee else ""
    return f"#{c.id} {c.account}  {state}{holder}  {c.subject or c.preview}"


def _portrait(study: Study, now: datetime, zone: tzinfo, key: str) -> Iterator[Styled]:
    c, around = study.opened.conversation, study.around
    yield _title("Customer")
    yield from _lines(c.customer_name, c.customer_address, f"{c.account} ({c.channel})")
    yield _title("Clock")
    yield from _clock(c, now, zone)
    yield from _lines(*(wording.waited(v) for v in around.verdicts[-_VERDICTS_MOST:]))
    if c.tags:
        yield _title("Tags")
        more = len(c.tags) - _TAGS_MOST
        yield from _lines(*c.tags[:_TAGS_MOST], f"and {more} more" if more > 0 else "")
    if around.others:
        yield _title(f"Others ({len(around.others)}): {key}")
        yield from _lines(*(other_line(other, now) for other in around.others[:_OTHERS_MOST]))


def _clock(c: Conversation, now: datetime, zone: tzinfo) -> Iterator[Styled]:
    if c.awaiting_since and c.reply_by:
        yield from _lines(
            f"waits since {wording.stamp(c.awaiting_since, zone)}",
            f"window {format_duration(c.window)}{' (lead)' if c.lead else ''}",
            f"due {wording.stamp(c.reply_by, zone)}",
        )
    yield from _lines(wording.standing(c, zone, now))


def _title(text: str) -> Styled:
    above = "\n" if text != "Customer" else ""
    return styled(clean_block(f"{above}{text}"), "bold $text-muted")


def _lines(*texts: str) -> Iterator[Styled]:
    for text in texts:
        if text:
            yield styled(clean_line(f" {text}", 200))
