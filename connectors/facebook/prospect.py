"""What will become of an answer on Facebook, said while it is written; nobody is asked."""

from __future__ import annotations

from datetime import datetime

from connectors.facebook.ways import (
    GONE,
    MESSAGE,
    PRIVATE,
    UNSENT,
    USUAL,
    Asked,
    course,
    private_until,
)
from monitor.connector import Prospect, Question, Way
from monitor.duration import format_duration
from monitor.errors import Refused
from monitor.message import Party


def foresee(
    question: Question, text: str, way: str, now: datetime, *, human_agent: bool
) -> Prospect:
    """As `monitor.connector.Channel.foresee` has it; every rule is in `ways`."""
    try:
        asked = Asked.of(question.source)
    except Refused as error:
        return Prospect(length=len(text), refusal=str(error))
    ways = _ways(asked, now)
    what = course(asked, way, _name(question.message.author), human_agent=human_agent, now=now)
    return Prospect(
        what=what.what,
        length=len(text),
        most=what.most,
        refusal=_gone(question, asked) or what.refusal,
        until=what.until,
        ways=ways,
    )


def _gone(question: Question, asked: Asked) -> str:
    if not question.message.deleted_at:
        return ""
    return UNSENT if asked.kind == MESSAGE else GONE


def _name(author: Party) -> str:
    return "" if author.address.startswith("withheld:") else author.name


def _ways(asked: Asked, now: datetime) -> tuple[Way, ...]:
    """None to choose from on Messenger; a private reply only while Facebook takes one."""
    if asked.kind == MESSAGE:
        return ()
    public = Way(USUAL, "as a public comment")
    until = private_until(asked, now)
    if until is None:
        return (public,)
    return (public, Way(PRIVATE, f"in private, once, {format_duration(until - now)} left"))
