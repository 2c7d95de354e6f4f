"""Times and states in words, local where people read them; the same on every screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from monitor.countdown import countdown as countdown
from monitor.desk import Opened, Overview
from monitor.duration import format_duration
from monitor.health import Health, Status
from monitor.message import Conversation, Direction, Message, State, Verdict
from monitor.urgency import Urgency, urgency

_FOUND_SOON = timedelta(minutes=5)
_SEND_TROUBLES = {
    "unsure": "UNSURE whether the last answer arrived",
    "failed": "the last answer could not be sent",
    "bounced": "the last answer BOUNCED: it did not reach the customer",
    "delayed": "the last answer is DELAYED: a mail server still tries",
}
MARKS = {Urgency.OVERDUE: "!!", Urgency.DUE_SOON: "! ", Urgency.ON_TIME: "  "}


def left(reply_by: datetime, now: datetime) -> str:
    """`12m left`, `2h 05m late`."""
    span = reply_by - now
    word = "left" if reply_by >= now else "late"
    return f"{format_duration(span)} {word}"


def mark(conversation: Conversation, now: datetime) -> str:
    """Two columns that say how urgent it is without colour."""
    reply_by = conversation.reply_by
    if reply_by is None:
        return "  "
    return MARKS[urgency(reply_by, conversation.window, now)]


def due(conversation: Conversation, now: datetime) -> str:
    """What stands in the list's time column."""
    reply_by = conversation.reply_by
    if reply_by is None:
        return conversation.state.label
    return countdown((reply_by - now).total_seconds())


def standing(conversation: Conversation, zone: tzinfo, now: datetime) -> str:
    """State and holder in one phrase: `claimed by ann until 14:20`."""
    if trouble := _SEND_TROUBLES.get(conversation.send_state or ""):
        return trouble
    if conversation.state is State.SENDING:
        return f"answer by {conversation.assignee} on its way"
    if conversation.state is State.SNOOZED and conversation.snoozed_until:
        return f"snoozed until {clock(conversation.snoozed_until, zone, now)}"
    if conversation.assignee and conversation.claim_until:
        until = clock(conversation.claim_until, zone, now)
        return f"claimed by {conversation.assignee} until {until}"
    return conversation.state.label


def clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """A moment as people say it there: `14:20` today, `Mon 23 Nov 09:00` on another day."""
    local = moment.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M") if today else stamp(moment, zone)


def stamp(moment: datetime, zone: tzinfo) -> str:
    """`Fri 20 Nov 18:40`."""
    return moment.astimezone(zone).strftime("%a %d %b %H:%M")


def changed(message: Message, zone: tzinfo) -> str:
    """What its author did to a message after it had come, "" where nothing."""
    if message.deleted_at:
        return f"deleted by its author, found {stamp(message.deleted_at, zone)}"
    return f"edited, found {stamp(message.edited_at, zone)}" if message.edited_at else ""


def found_late(message: Message, window: timedelta) -> str:
    """`found 2h 05m later`, where half of its window was over before it was polled."""
    late = message.found_at - message.at
    matters = message.direction is Direction.IN and late > max(_FOUND_SOON, window / 2)
    return f"found {format_duration(late)} later" if matters else ""


def folded(message: Message) -> str:
    """The message's text with a line in the place of each part that is not new."""
    lines = message.text.split("\n")
    for start, end in sorted(message.folds, reverse=True):
        if any(line.strip() for line in lines[start:end]):
            lines[start:end] = [f"[+ {end - start} lines folded]"]
        else:
            del lines[start:end]
    return "\n".join(lines).strip("\n")


def size(octets: int) -> str:
    """`812 B`, `14 KB`, `2.3 MB`."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{octets / 1000:.0f} KB"
    return f"{octets / 1_000_000:.1f} MB"


def attachments(message: Message) -> list[str]:
    """A line for each file: `file 1: photo.jpg (14 KB)`."""
    return [
        f"file {f.number}: {f.name or '(no name)'} ({f.type}, {size(f.size)})"
        for f in message.attachments
    ]


def news(opened: Opened, seen: int = -1) -> str:
    """What came while somebody wrote an answer to what had been `seen`."""
    said = opened.last_word
    if opened.seen <= seen:
        return "a message was edited or deleted by its author"
    if said and said.outside:
        return f"{said.author.name or said.author.address} answered with another program"
    return "the customer wrote again"


def number(count: int, *, lower_bound: bool) -> str:
    """`4`, or `≥ 4` where an account is not ok and there may be more."""
    return f"{'≥ ' if lower_bound else ''}{count:,}"


def cut_short(shown: int, total: int, *, more: bool) -> str:
    """`the first 500 of 1,204`; of more than that where nobody counted to the end."""
    return f"the first {shown:,} of {'more than ' if more else ''}{total:,}"


def headline(overview: Overview, caveats: Iterable[str] = ()) -> str:
    """The line over every list: how many wait and are overdue, what is blind or never read."""
    bound = overview.lower_bound
    parts = [
        f"{number(overview.waiting, lower_bound=bound)} waiting",
        f"{number(overview.overdue, lower_bound=bound)} overdue",
    ]
    return "  ".join([*parts, *troubles(overview.statuses), *dict.fromkeys(caveats)])


def empty(overview: Overview, now: datetime) -> str:
    """What an empty list says: that nobody waits and when the next poll is, or what is blind."""
    blind = [s for s in overview.statuses if s.state is not Health.OK]
    if not overview.statuses:
        return "config.toml names no account yet; `replyby init` adds one"
    if blind:
        return (
            f"nobody is known to wait, but {blind[0].name} is {blind[0].state}: {blind[0].remedy}"
        )
    others = f" in this list; {overview.waiting} in others" if overview.waiting else ""
    return f"nobody waits{others}{_next_poll(overview.statuses, now)}"


def _next_poll(statuses: Sequence[Status], now: datetime) -> str:
    nexts = [s.next_at for s in statuses if s.next_at]
    if not nexts:
        return ""
    wait = min(nexts) - now
    when = f"in {format_duration(wait)}" if wait.total_seconds() >= 1 else "due now"
    return f"; the next poll is {when}"


def troubles(statuses: Sequence[Status]) -> list[str]:
    """A phrase for each account that is not ok, or for all that are so for the same reason."""
    alike: dict[str, list[str]] = {}
    for s in statuses:
        if s.state is not Health.OK:
            alike.setdefault(f"{s.state}: {s.reason}", []).append(s.name)
    return [f"{_and_more(names)} {trouble}" for trouble, names in alike.items()]


def _and_more(names: Sequence[str]) -> str:
    first, *others = names
    return f"{first} and {len(others)} more" if len(others) > 1 else " and ".join(names)


def waited(verdict: Verdict) -> str:
    """How a wait ended: `answered after 34m, in time`, `no reply needed after 2h 05m`."""
    spent = format_duration(timedelta(seconds=verdict.seconds))
    said = f"{verdict.outcome} after {spent}"
    if verdict.outcome == "answered":
        return f"{said}, {'in time' if verdict.in_time else 'LATE'}"
    return said


def yours(conversation: Conversation, who: str, now: datetime) -> str:
    """How long one's claim lasts on, in whole minutes: `yours for 12m`."""
    if conversation.assignee == who and conversation.claim_until:
        minutes = int((conversation.claim_until - now).total_seconds() // 60)
        return f"yours for {minutes}m" if minutes >= 0 else "your claim has lapsed"
    return f"{conversation.assignee} has it" if conversation.assignee else ""
