"""What somebody looks for: words, and the little language `from: channel: before: tag: is:`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from monitor.channel_names import meant
from monitor.duration import parse_duration

LONGEST = 500
FLAGS = (
    "overdue", "lead", "mine", "unclaimed", "open", "waiting", "snoozed", "answered", "closed",
    "ended", "ignored", "sending", "claimed", "unsure", "failed",
)  # fmt: skip
_LISTED = frozenset({"waiting", "snoozed", "overdue", "lead", "unclaimed", "mine"})
_PART = re.compile(r'([a-zA-Z]+):("[^"]*"?|\S*)|"[^"]*"?|\S+')
_WORD = re.compile(r"[^\W_]+")
_DAYS = {"today": 0, "yesterday": 1}
EXAMPLES = "like 2026-11-20, today, yesterday or 7d"


class QueryError(ValueError):
    """The query can't be understood; the text says what can."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; everything that is given has to hold.

    `words` stand in a message, `senders` in its author's name or address; `before` and `after`
    bound the moment of a message. `flags` are among `FLAGS`; `holder` has the conversation.
    `unfinished` says that the last word is still being typed.
    """

    words: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    flags: frozenset[str] = field(default_factory=frozenset)
    holder: str | None = None
    unfinished: bool = False

    @property
    def of_messages(self) -> bool:
        """Whether messages have to be looked at, and not conversations alone."""
        return bool(self.words or self.senders or self.after or self.before)

    @property
    def listable(self) -> bool:
        """Whether a list of what waits shows it, page by page, in the order of reply-by times."""
        return (
            not self.of_messages
            and self.flags <= _LISTED
            and bool(self.flags & {"waiting", "snoozed"})
            and len(self.tags) <= 1
        )


def parse_query(text: str, now: datetime, zone: tzinfo, *, unfinished: bool = False) -> Query:
    """The query that a text means; QueryError says which part of it can't be meant."""
    if len(text) > LONGEST:
        raise QueryError(f"a search has at most {LONGEST} characters")
    query, word = Query(), False
    for part in _PART.finditer(text):
        word = False
        key, value = (part[1] or "").lower(), (part[2] or "").strip('"')
        if key == "before":
            query = replace(query, before=_moment(key, value, now, zone))
        elif key == "after":
            query = replace(query, after=_moment(key, value, now, zone))
        elif key in _KEYS:
            query = _KEYS[key](query, value) if value else query
        else:
            word = part[0][-1].isalnum() and part.end() == len(text)
            query = replace(query, words=(*query.words, *_WORD.findall(part[0])))
    return replace(query, unfinished=unfinished and word)


def _flag(query: Query, value: str) -> Query:
    flag = value.lower()
    if flag not in FLAGS:
        raise QueryError(f"is: takes {', '.join(FLAGS)}")
    return replace(query, flags=query.flags | {flag})


def _sender(query: Query, value: str) -> Query:
    return replace(query, senders=(*query.senders, *_WORD.findall(value)))


_KEYS: dict[str, Callable[[Query, str], Query]] = {
    "from": _sender,
    "channel": lambda query, value: replace(query, channels=(*query.channels, meant(value))),
    "account": lambda query, value: replace(query, accounts=(*query.accounts, value)),
    "tag": lambda query, value: replace(query, tags=(*query.tags, value)),
    "who": lambda query, value: replace(query, holder=value),
    "is": _flag,
}
KEYS = (*_KEYS, "before", "after")


def _moment(key: str, value: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The beginning of a day there, or so long ago; nothing while nothing is typed yet."""
    if not value:
        return None
    today = now.astimezone(zone).date()
    try:
        if value.lower() in _DAYS:
            return _begins(today - timedelta(days=_DAYS[value.lower()]), zone)
        if value[-1:].isalpha():
            return now - parse_duration(value.lower())
        return _begins(date.fromisoformat(value), zone)
    except (ValueError, OverflowError):
        raise QueryError(f"{key}: takes a day {EXAMPLES}") from None


def _begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
