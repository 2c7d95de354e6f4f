"""A conversation's facts in a few lines: what it is, until when, and what may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from monitor import wording
from monitor.clean import Safe, clean_line
from monitor.message import Conversation
from queue_tui.study import Study
from queue_tui.widgets.plain import Styled, stacked, styled

_MOST = 400
_MINUTE = timedelta(minutes=1)


def facts(study: Study, now: datetime, zone: tzinfo, keys: Mapping[str, str]) -> Styled:
    """The lines over a conversation; how many there are changes only when it does.

    `keys` are the keys by the names of what they do, as people have them.
    """
    c = study.opened.conversation
    lines = [
        styled(clean_line(f"#{c.id} {c.subject or c.preview}", 300), "bold"),
        styled(_line(*clock_facts(c, now, zone), *(f"[{tag}]" for tag in c.tags))),
        styled(_line(customer(c), f"{c.account} ({c.channel})", _related(study, keys))),
    ]
    style = "$text-error" if study.prospect.refusal else ""
    lines += [styled(_line(said), style) for said in platform(study, now, zone, keys)]
    return stacked(lines)


def customer(c: Conversation) -> str:
    """`Ana Ruiz <ana@customer.example>`."""
    if c.customer_name and c.customer_address:
        return f"{c.customer_name} <{c.customer_address}>"
    return c.customer_name or c.customer_address or "(unknown)"


def clock_facts(c: Conversation, now: datetime, zone: tzinfo) -> list[str]:
    """When it is due, how long that is, and who has it."""
    standing = wording.standing(c, zone, now)
    if not c.reply_by:
        return [standing]
    return [f"due {wording.stamp(c.reply_by, zone)}", _left(c.reply_by, now), standing]


def platform(study: Study, now: datetime, zone: tzinfo, keys: Mapping[str, str]) -> list[str]:
    """What the platform still takes, a line each; none where there is nothing to say of it."""
    prospect, c = study.prospect, study.opened.conversation
    if prospect.refusal and c.reply_by:
        opens = f"{keys['platform']} opens it there, " if c.url else ""
        answered = f"{keys['outside']} marks it answered"
        return [f"no answer from here: {opens}{answered}", prospect.refusal]
    if prospect.until and c.reply_by:
        until, left = wording.stamp(prospect.until, zone), _left(prospect.until, now)
        return [f"takes an answer until {until}, {left}"]
    return []


def _left(until: datetime, now: datetime) -> str:
    """To the minute: the list counts the seconds, and this would be drawn anew with each."""
    left = until - now
    if abs(left) >= _MINUTE:
        now = until - int(left / _MINUTE) * _MINUTE
    return wording.left(until, now)


def _related(study: Study, keys: Mapping[str, str]) -> str:
    others, linked = len(study.around.others), study.opened.conversation.linked
    parts = [f"see also #{linked}"] if linked else []
    if others:
        parts.append(f"{others} more of theirs: {keys['customer']}")
    return "  ".join(parts)


def _line(*parts: str) -> Safe:
    return clean_line("  ".join(part for part in parts if part), _MOST)
