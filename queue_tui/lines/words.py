"""A conversation in words that are always the same, as a screen reader reads them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from monitor import wording
from monitor.channel_names import spoken
from monitor.clean import clean_block, clean_line
from monitor.connector import Prospect
from monitor.desk import Opened
from monitor.message import Conversation, Direction, Message, SendState
from monitor.urgency import Urgency, urgency
from queue_tui.lines.talk import indented

_LINES_AT_ONCE = 40
_MESSAGES_AT_ONCE = 30
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
_URGENCIES = {
    Urgency.OVERDUE: "overdue by", Urgency.DUE_SOON: "due soon, in", Urgency.ON_TIME: "due in",
}  # fmt: skip
_SAID = {Direction.IN: "wrote", Direction.OUT: "answered", Direction.NOTE: "noted, in private"}


def span(length: timedelta) -> str:
    """`12 minutes`, `1 hour 5 minutes`, `less than a minute`."""
    seconds, parts = int(abs(length.total_seconds())), []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return " ".join(parts[:2]) or "less than a minute"


def urgency_of(c: Conversation, now: datetime) -> str:
    """`overdue by 12 minutes`, `due soon, in 4 minutes`, `due in 3 hours`, or its state."""
    if c.reply_by is None:
        return c.state.label
    said = _URGENCIES[urgency(c.reply_by, c.window, now)]
    return f"{said} {span(c.reply_by - now)}"


def customer(c: Conversation) -> str:
    """Who writes."""
    if c.customer_name and c.customer_address:
        return f"{c.customer_name}, {c.customer_address}"
    return c.customer_name or c.customer_address or "a customer without a name"


def row(c: Conversation, now: datetime, who: str) -> str:
    """A line of a list."""
    holder = {None: "unclaimed", who: "claimed by you"}.get(c.assignee, f"claimed by {c.assignee}")
    lead = "lead, " if c.lead else ""
    title = c.subject or c.preview
    return _line(f"{c.id}: {lead}{urgency_of(c, now)}, {holder}, {customer(c)}: {title}")


def conversation(opened: Opened, now: datetime, zone: tzinfo, *, full: bool = False) -> str:
    """What is to be read before an answer: the newest from the customer on, or `full` all of it."""
    c = opened.conversation
    facts = [
        f"Conversation {c.id}, {spoken(c.channel)}, account {c.account}.",
        f"From {customer(c)}.",
        *([f"Subject: {c.subject}"] if c.subject else []),
        f"{sentence(urgency_of(c, now))} {sentence(wording.standing(c, zone, now))}",
        *(["A lead."] if c.lead else []),
        *([f"Tags: {', '.join(c.tags)}."] if c.tags else []),
        *([f"See also conversation {c.linked}."] if c.linked else []),
    ]
    said = [*_messages(opened, zone, full=full), *_answers(opened), *_drafts(opened)]
    return "\n".join([*map(_line, facts), *said])


def news(opened: Opened, seen: int, zone: tzinfo) -> str:
    """What was written elsewhere since that message."""
    window = opened.conversation.window
    fresh = [m for m in opened.messages if m.id > seen and m.direction is not Direction.NOTE]
    said = _said(fresh, max(0, len(fresh) - _MESSAGES_AT_ONCE), zone, window, full=False)
    return "\n".join([f"Attention: {wording.news(opened)}.", *said])


def prospect(expected: Prospect, zone: tzinfo) -> str:
    """What will happen on send."""
    parts = [
        f"This will be {expected.what}." if expected.what else "",
        f"{expected.length} of {expected.most} characters." if expected.most else "",
        f"It may be sent until {wording.stamp(expected.until, zone)}." if expected.until else "",
        sentence(expected.cost) if expected.cost else "",
        f"It would be refused: {expected.refusal}." if expected.refusal else "",
    ]
    return _line(" ".join(part for part in parts if part))


def _messages(opened: Opened, zone: tzinfo, *, full: bool) -> list[str]:
    window = opened.conversation.window
    first = 0 if full else _first_unread(opened.messages)
    return _said(opened.messages, first, zone, window, full=full)


def _said(
    messages: Sequence[Message], first: int, zone: tzinfo, window: timedelta, *, full: bool
) -> list[str]:
    lines = [f"{first} earlier; say: show more."] if first else []
    for message in messages[first:]:
        lines += _message(message, zone, window, full=full)
    return lines


def _first_unread(messages: Sequence[Message]) -> int:
    """Where the customer's last words begin, after what was last answered; some of very many."""
    first = len(messages) - 1
    for number in range(len(messages) - 1, -1, -1):
        if messages[number].direction is Direction.OUT:
            break
        if messages[number].direction is Direction.IN:
            first = number
    return max(0, first, len(messages) - _MESSAGES_AT_ONCE)


def _message(message: Message, zone: tzinfo, window: timedelta, *, full: bool) -> list[str]:
    who = message.author.name or message.author.address or "Somebody without a name"
    said = [f"{who} {_SAID[message.direction]}, {wording.stamp(message.at, zone)}"]
    said += filter(
        None, [wording.found_late(message, window), wording.changed(message, zone), message.remark]
    )
    text = message.text if full else wording.folded(message)
    body = clean_block(text).splitlines()
    files = [_line(f"With {line}") for line in wording.attachments(message)]
    return [_line(f"{', '.join(said)}:"), *_cut(body, full=full), *files]


def _cut(body: Sequence[str], *, full: bool) -> list[str]:
    if full or len(body) <= _LINES_AT_ONCE:
        return list(indented("\n".join(body)))
    rest = len(body) - _LINES_AT_ONCE
    return [*indented("\n".join(body[:_LINES_AT_ONCE])), f"{rest} lines more; say: show more."]


def _answers(opened: Opened) -> list[str]:
    shown = [a for a in opened.answers if a.state not in (SendState.SENT, SendState.UNDONE)]
    return [
        line
        for a in shown
        for line in (
            _line(f"The answer by {a.author} is {a.state}. {a.error}".rstrip()),
            *indented(clean_block(a.text)),
        )
    ]


def _drafts(opened: Opened) -> list[str]:
    drafts = (("answer", opened.draft), ("note", opened.note_draft))
    return [f"You have a draft of an {kind}." if kind == "answer" else "You have a draft of a note."
            for kind, draft in drafts if draft and draft.text]  # fmt: skip


def _line(text: str) -> str:
    """One line of ours, whatever stands in it from outside."""
    return clean_line(text, 500)


def sentence(text: str) -> str:
    """What others use within a line, as a line of its own."""
    return f"{text[:1].upper()}{text[1:]}."
