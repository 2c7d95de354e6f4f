"""Moments in words: `2h`, `tomorrow 9`, `monday`, `14:30`, `2026-11-24T09:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from monitor.duration import parse_duration

_MORNING = time(9)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d{1,2})(?::(\d\d))?")
EXAMPLES = "2h, 14:30, tomorrow, tomorrow 9, monday 10:30 or 2026-11-24T09:00"


def parse_when(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that the words mean in that zone, seen from `now`; ValueError with examples."""
    words = text.strip().lower().split()
    parsed = _relative(words, now) or _named(words, now, zone) or _absolute(text.strip(), zone)
    if parsed is None:
        raise ValueError(f"'{text[:40]}' is no time; write {EXAMPLES}")
    return parsed


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """ISO 8601; without an offset it is local to `zone`. ValueError with an example."""
    parsed = _absolute(text.strip(), zone)
    if parsed is None:
        raise ValueError(f"'{text[:40]}' is no moment; write it like 2026-11-20T18:40:00Z")
    return parsed


def _relative(words: list[str], now: datetime) -> datetime | None:
    try:
        return now + parse_duration("".join(words))
    except ValueError:
        return None


def _named(words: list[str], now: datetime, zone: tzinfo) -> datetime | None:
    if not words:
        return None
    local = now.astimezone(zone)
    day = _day(words[0], local)
    at = _time(words[-1]) if day is None or len(words) == 2 else _MORNING
    if at is None or len(words) > 2 or (day is None and len(words) != 1):
        return None
    moment = _utc(datetime.combine(day or local.date(), at, zone))
    if day is None and moment <= now:  # where the clocks go back, the second of its two moments
        moment = _utc(datetime.combine(local.date(), at, zone).replace(fold=1))
    if day is None and moment <= now:
        moment = _utc(datetime.combine(local.date() + timedelta(days=1), at, zone))
    return moment


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _day(word: str, local: datetime) -> datetime | None:
    if word in ("today", "tomorrow"):
        return local + timedelta(days=word == "tomorrow")
    days = [number for number, name in enumerate(_DAYS) if len(word) >= 3 and name.startswith(word)]
    if not days:
        return None
    return local + timedelta(days=(days[0] - local.weekday() - 1) % 7 + 1)


def _time(word: str) -> time | None:
    match = _TIME.fullmatch(word)
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return time(int(match[1]), int(match[2] or 0))


def _absolute(text: str, zone: tzinfo) -> datetime | None:
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
