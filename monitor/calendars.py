"""`[hours.NAME]` of config.toml: a week of spans, holidays and closed dates, as a calendar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import field_validator

from monitor.clean import shown
from monitor.settings import Section, Zone
from monitor.windows import MINUTES_A_DAY, Hours, Minutes, Week, never_closed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_YEARLY = re.compile(r"\d\d-\d\d")
_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")


class MonthDay(NamedTuple):
    """A date of every year."""

    month: int
    day: int


class HoursSection(Section):
    """`[hours.NAME]`: a week of local spans, holidays and closed dates."""

    timezone: Zone | None = None
    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: str = ""
    closed: tuple[date | MonthDay, ...] = ()

    @field_validator(*DAYS)
    @classmethod
    def _spans(cls, spans: tuple[str, ...]) -> tuple[str, ...]:
        for span in spans:
            parse_span(span)
        return spans

    @field_validator("closed", mode="before")
    @classmethod
    def _dates(cls, values: object) -> object:
        if not isinstance(values, list):
            raise ValueError('is a list of dates, like ["2026-12-24"], or "12-24" for every year')
        return tuple(_local_date(value) for value in values)


def parse_span(text: str) -> Minutes:
    """`"09:00-12:30"` in minutes; an end at or before the start runs into the next day."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{shown(text)} is not a span like '09:00-12:30'")
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if start == end or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f"{shown(text)} is no span; the whole day is '00:00-24:00'")
    return start, end


def build_hours(name: str, section: HoursSection, zone: ZoneInfo) -> Hours:
    """The calendar that a section describes, spans across midnight split at it."""
    week: list[list[Minutes]] = [[] for _ in DAYS]
    for number, day in enumerate(DAYS):
        for span in getattr(section, day):
            start, end = parse_span(span)
            if end > start:
                week[number].append((start, end))
            else:
                week[number].append((start, MINUTES_A_DAY))
                week[(number + 1) % 7].append((0, end))
    merged: Week = tuple(_merge(spans) for spans in week)  # type: ignore[assignment] # seven
    return Hours(name, zone, merged, _closed(section))


def _merge(spans: list[Minutes]) -> tuple[Minutes, ...]:
    merged: list[Minutes] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _closed(section: HoursSection) -> Callable[[date], str]:
    dates = frozenset(d for d in section.closed if isinstance(d, date))
    yearly = frozenset(d for d in section.closed if isinstance(d, MonthDay))
    region = section.holidays
    if not dates and not yearly and not region:
        return never_closed

    def closed(day: date) -> str:
        if day in dates or MonthDay(day.month, day.day) in yearly:
            return "closed"
        name = holiday_calendar(region).get(day) if region else None
        return f"holiday ({name})" if name else ""

    return closed


@cache
def holiday_calendar(region: str) -> Mapping[date, str]:
    """The holidays of `DE` or `DE-BY`; ValueError where there is no such region.

    The library costs more than the rest of a command together: it is loaded for the first date.
    """
    import holidays

    country, _, subdivision = region.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None, language="en_US")
    except (NotImplementedError, KeyError, ValueError):
        raise ValueError(
            f"{shown(region)} is not a region that has holidays; write it like 'DE' or 'DE-BY'"
        ) from None


def _local_date(value: object) -> date | MonthDay:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        if match := _YEARLY.fullmatch(str(value)):
            day = date.fromisoformat(f"2000-{match[0]}")
            return MonthDay(day.month, day.day)
        if not _DATE.fullmatch(str(value)):
            raise ValueError
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{shown(str(value))} is not a date like '2026-12-24'") from None
