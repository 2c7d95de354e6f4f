"""The conversation as it is read: who wrote what and when, notes, answers on their way."""

from __future__ import annotations

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

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="facts")
        with VerticalScroll(id="said", can_focus=False):
            yield Static("", markup=False, id="messages")

    def show(self, opened: Opened | None, now: datetime) -> None:
        """Show a conversation, or an empty desk."""
        same = self.opened and opened and self.opened.conversation.id == opened.conversation.id
        grown = not same or len(self.opened.messages) != len(opened.messages)  # type: ignore[union-attr] # same says so
        self.opened = opened
        self.query_one("#messages", Static).update(self._messages(opened) if opened else "")
        self.tick(now)
        if grown:
            self.call_after_refresh(self._said.scroll_end, animate=False)

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

    def _messages(self, opened: Opened) -> Content:
        parts: list[Content] = []
        for message in opened.messages:
            parts += [self._heading(message), _body(message.text), Content("")]
        for answer in opened.answers:
            if answer.state not in ("sent", "undone"):
                head = f"answer by {answer.author}: {answer.state}. {answer.error}"
                parts += [
                    Content.styled(clean_line(head, 400), "bold $text-error"),
                    _body(answer.text),
                ]
        return Content("\n").join(parts)

    def _heading(self, message: Message) -> Content:
        who = message.author.name or message.author.address or "(unknown)"
        kind = {Direction.IN: "", Direction.OUT: "answered", Direction.NOTE: "private note"}
        stamp = wording.stamp(message.at, self._zone)
        parts = [who, stamp, kind[message.direction], message.remark]
        text = clean_line("  ".join(p for p in parts if p), 300)
        return Content.styled(text, _STYLE[message.direction])


def _body(text: str) -> Content:
    return Content("\n".join(f"  {line}" for line in clean_block(text).split("\n")))


def _facts(c: Conversation, now: datetime, zone: ZoneInfo) -> Content:
    title = clean_line(f"#{c.id} {c.subject or c.preview}", 300)
    parts = [wording.standing(c, zone)]
    if c.reply_by:
        parts = [f"due {wording.stamp(c.reply_by, zone)}", wording.left(c.reply_by, now), *parts]
    to = f"{c.customer_name} <{c.customer_address}>" if c.customer_name else c.customer_address
    facts = clean_line("  ".join([*parts, *(f"[{tag}]" for tag in c.tags)]), 400)
    return Content("\n").join(
        [Content.styled(title, "bold"), Content(clean_line(to, 300)), Content(facts)]
    )
