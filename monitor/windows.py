"""Response windows counted in business hours: when a message is due, and how long it waited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.clock import from_micros, micros
from monitor.errors import ConfigError

MINUTES_A_DAY = 24 * 60
_SECOND = 1_000_000
_HORIZON_DAYS = 366 * 12
"""Further ahead no opening is looked for: a calendar closed that long never opens."""

Minutes = tuple[int, int]
"""A span of local time in minutes from midnight, the end not included, at most 1440."""

Week = tuple[
    tuple[Minutes, ...],
    tuple[Minutes, ...],
    tuple[Minutes, ...],
    tuple[Minutes, ...],
    tuple[Minutes, ...],
    tuple[Minutes, ...],
    tuple[Minutes, ...],
]


def never_closed(day: date) -> str:
    """A calendar's `closed` where there are no holidays."""
    return ""


@dataclass(frozen=True)
class Hours:
    """Business hours: a week of local spans (Monday first), and the dates that are closed.

    `closed(date)` names why a local date is closed, "" where it is not. A closed date takes its
    own hours only, the morning half of the evening before's shift among them. Where the clocks
    go back an edge is the first of its two moments; where they go forward an edge that is
    skipped is the moment of the change.
    """

    name: str
    zone: ZoneInfo
    week: Week
    closed: Callable[[date], str] = never_closed
    _cache: dict[int, tuple[Minutes, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not any(start < end for spans in self.week for start, end in spans):
            raise ConfigError(f"hours '{self.name}' never open: give at least one day a span")

    def open_spans(self, ordinal: int) -> tuple[tuple[int, int], ...]:
        """The open spans of the local date `ordinal`, in microseconds since 1970, in order."""
        spans = self._cache.get(ordinal)
        if spans is None:
            spans = self._cache[ordinal] = tuple(self._spans_of(date.fromordinal(ordinal)))
        return spans

    def _spans_of(self, day: date) -> Iterator[tuple[int, int]]:
        if self.closed(day):
            return
        for start, end in self.week[day.weekday()]:
            opens, closes = self._edge(day, start), self._edge(day, end)
            if opens < closes:
                yield opens, closes

    def _edge(self, day: date, minutes: int) -> int:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (zone set below)
        local = midnight + timedelta(minutes=minutes)
        moment = local.replace(tzinfo=self.zone)
        first = moment.astimezone(UTC)
        if first.astimezone(self.zone).replace(tzinfo=None) == local:
            return micros(first)
        return self._change_between(moment.replace(fold=1).astimezone(UTC), first)

    def _change_between(self, before: datetime, after: datetime) -> int:
        """The moment at which the zone's clocks jump over a local time, to the second."""
        low, high = micros(before) // _SECOND, micros(after) // _SECOND
        offset = before.astimezone(self.zone).utcoffset()
        while high - low > 1:
            middle = (low + high) // 2
            there = from_micros(middle * _SECOND).astimezone(self.zone).utcoffset()
            low, high = (middle, high) if there == offset else (low, middle)
        return high * _SECOND


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of the sum: from when to when, and how many seconds of it count."""

    begins: datetime
    ends: datetime
    counted: float
    note: str


def due(start: datetime, window: timedelta, hours: Hours | None) -> datetime:
    """The moment by which something that arrives at `start` has to be answered, in UTC.

    Without `hours` the clock never stops. The moment may equal a closing time.
    """
    if hours is None:
        return start.astimezone(UTC) + window
    left, begin = window // timedelta(microseconds=1), micros(start)
    ordinal = opened = start.astimezone(hours.zone).toordinal()
    while ordinal - opened < _HORIZON_DAYS and ordinal < date.max.toordinal():
        for opens, closes in hours.open_spans(ordinal):
            opens = max(opens, begin)
            if opens >= closes:
                continue
            if left <= closes - opens:
                return from_micros(opens + left)
            left -= closes - opens
            opened = ordinal
        ordinal += 1
    raise _never_opens(hours, start)


def elapsed(start: datetime, end: datetime, hours: Hours | None) -> timedelta:
    """How much of the time between two moments counts, zero where `end` is not later."""
    # In UTC, for Python subtracts and compares two moments of one zone by the clock on its wall.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return timedelta()
    if hours is None:
        return end - start
    begin, finish, total = micros(start), micros(end), 0
    last = end.astimezone(hours.zone).toordinal()
    for ordinal in range(start.astimezone(hours.zone).toordinal(), last + 1):
        for opens, closes in hours.open_spans(ordinal):
            total += max(0, min(closes, finish) - max(opens, begin))
    return timedelta(microseconds=total)


def steps(start: datetime, window: timedelta, hours: Hours | None) -> tuple[Step, ...]:
    """The sum behind `due`: every stretch up to it, open and closed, without a gap."""
    end = due(start, window, hours)
    if hours is None:
        return (Step(start.astimezone(UTC), end, window.total_seconds(), "no hours: always open"),)
    return tuple(_walk(start, end, hours))


def _walk(start: datetime, end: datetime, hours: Hours) -> Iterator[Step]:
    at, finish = micros(start), micros(end)
    reasons: list[str] = []
    ordinal = start.astimezone(hours.zone).toordinal()
    while at < finish:
        if reason := hours.closed(date.fromordinal(ordinal)):
            reasons.append(f"{date.fromordinal(ordinal).isoformat()} {reason}")
        for opens, closes in hours.open_spans(ordinal):
            opens, closes = max(opens, at), min(closes, finish)
            if opens >= closes:
                continue
            if opens > at:
                yield _step(at, opens, 0, "; ".join(["closed", *reasons]))
            yield _step(opens, closes, closes - opens, f"open ({hours.name})")
            at, reasons = closes, []
        ordinal += 1


def _step(begins: int, ends: int, counted: int, note: str) -> Step:
    return Step(from_micros(begins), from_micros(ends), counted / _SECOND, note)


def _never_opens(hours: Hours, start: datetime) -> ConfigError:
    return ConfigError(
        f"hours '{hours.name}' do not open often enough after {start.date().isoformat()}: "
        "look at its holidays and closed dates"
    )
