"""The conversation as it is read: who wrote what and when, notes, answers on their way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from monitor import wording
from monitor.clean import clean_block, clean_line
from monitor.desk import Opened
from monitor.message import Conversation, Direction, Message
from monitor.store.outgoing import OutboxEntry

_STYLE = {
    Direction.IN: "bold",
    Direction.OUT: "bold $text-success",
    Direction.NOTE: "$text-warning",
}


class ConversationView(Vertical):
    """Scrolls to what was said last."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone
        self.opened: Opened | None = None
        self._full = False

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="facts")
        with VerticalScroll(id="said", can_focus=False):
            yield Static("", markup=False, id="earlier")
            yield Static("", markup=False, id="latest")

    def show(self, opened: Opened | None, now: datetime) -> None:
        """Show a conversation, or an empty desk."""
        same = self.opened and opened and self.opened.conversation.id == opened.conversation.id
        self._full = self._full and bool(same)
        grown = not same or len(self.opened.messages) != len(opened.messages)  # type: ignore[union-attr] # same says so
        self.opened = opened
        earlier, latest = self._parts(opened) if opened else (Content(""), Content(""))
        self.query_one("#earlier", Static).update(earlier)
        self.query_one("#earlier").display = bool(earlier)
        self.query_one("#latest", Static).update(latest)
        self.tick(now)
        if grown:
            self.call_after_refresh(self._scroll_to_latest)

    def _scroll_to_latest(self) -> None:
        latest = self.query_one("#latest", Static)
        self._said.scroll_to(y=latest.virtual_region.y, animate=False)

    def unfold(self, now: datetime) -> None:
        """Show quotes and signatures too, or fold them away again."""
        self._full = not self._full
        self.show(self.opened, now)

    def scroll_text(self, lines: int) -> None:
        """Scroll what was said by so many lines."""
        self._said.scroll_relative(y=lines, animate=False)

    @property
    def _said(self) -> VerticalScroll:
        return self.query_one("#said", VerticalScroll)

    def tick(self, now: datetime) -> None:
        """Draw the line with the countdown anew."""
        facts = self.query_one("#facts", Static)
        if self.opened:
            facts.update(_facts(self.opened.conversation, now, self._zone))
        else:
            facts.update("")

    def _parts(self, opened: Opened) -> tuple[Content, Content]:
        """What was dealt with before, and what is read first: from the customer's last words on."""
        received = [
            n for n, m in enumerate(opened.messages) if m.direction is Direction.IN and m.awaits
        ]
        first = received[-1] if received else 0
        before, after = opened.messages[:first], opened.messages[first:]
        return self._block(before, ()), self._block(after, opened.answers)

    def _block(self, messages: Sequence[Message], answers: Sequence[OutboxEntry]) -> Content:
        parts: list[Content] = []
        for message in messages:
            parts += [self._heading(message), self._text(message), Content("")]
        for answer in answers:
            if answer.state not in ("sent", "undone"):
                along = f" (with {', '.join(answer.files)})" if answer.files else ""
                head = f"answer by {answer.author}{along}: {answer.state}. {answer.error}"
                parts += [
                    Content.styled(clean_line(head, 400), "bold $text-error"),
                    _body(answer.text),
                ]
        return Content("\n").join(parts)

    def _text(self, message: Message) -> Content:
        text = message.text if self._full else wording.folded(message)
        return _body("\n".join([text, *wording.attachments(message)]))

    def _heading(self, message: Message) -> Content:
        who = message.author.name or message.author.address or "(unknown)"
        kind = {Direction.IN: "", Direction.OUT: "answered", Direction.NOTE: "private note"}
        stamp = wording.stamp(message.at, self._zone)
        parts = [who, stamp, kind[message.direction], wording.found_late(message), message.remark]
        text = clean_line("  ".join(p for p in parts if p), 300)
        return Content.styled(text, _STYLE[message.direction])


def _body(text: str) -> Content:
    return Content(clean_block(text))


def _facts(c: Conversation, now: datetime, zone: ZoneInfo) -> Content:
    title = clean_line(f"#{c.id} {c.subject or c.preview}", 300)
    parts = [wording.standing(c, zone)]
    if c.reply_by:
        parts = [f"due {wording.stamp(c.reply_by, zone)}", wording.left(c.reply_by, now), *parts]
    to = f"{c.customer_name} <{c.customer_address}>" if c.customer_name else c.customer_address
    parts += [f"see also #{c.linked}"] if c.linked else []
    facts = clean_line("  ".join([*parts, *(f"[{tag}]" for tag in c.tags)]), 400)
    return Content("\n").join(
        [Content.styled(title, "bold"), Content(clean_line(to, 300)), Content(facts)]
    )
