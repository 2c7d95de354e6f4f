"""Business time: due times worked out by hand, and properties against two oracles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import workclock
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.calendars import HoursSection, build_hours, parse_span
from monitor.errors import ConfigError
from monitor.windows import Hours, due, elapsed, steps
from tests.monitor.calendars import WEEK, due_at, hours, moment

OFFICE = "mon-fri 09:00-18:00"
LUNCH = "mon-fri 09:00-12:30 13:00-18:00"
ALWAYS = "mon-sun 00:00-24:00"

# zone, hours, further keys, arrives, window, due: each worked out by hand
FACTS: dict[str, tuple[str, str, dict[str, object], str, str, str]] = {
    "within the day": ("UTC", OFFICE, {}, "2026-11-16T09:30Z", "1h", "2026-11-16T10:30Z"),
    "over the night": ("UTC", OFFICE, {}, "2026-11-16T17:30Z", "1h", "2026-11-17T09:30Z"),
    "over the weekend": ("UTC", OFFICE, {}, "2026-11-20T17:00Z", "2h", "2026-11-23T10:00Z"),
    "before opening": ("UTC", OFFICE, {}, "2026-11-16T06:00Z", "30m", "2026-11-16T09:30Z"),
    "on a closed day": ("UTC", OFFICE, {}, "2026-11-21T12:00Z", "4h", "2026-11-23T13:00Z"),
    "due equal to closing time": (
        "UTC", OFFICE, {}, "2026-11-16T17:00Z", "1h", "2026-11-16T18:00Z",
    ),
    "the whole day ends at closing": (
        "UTC", OFFICE, {}, "2026-11-16T04:00Z", "9h", "2026-11-16T18:00Z",
    ),
    "arrives at opening": ("UTC", OFFICE, {}, "2026-11-16T09:00Z", "15m", "2026-11-16T09:15Z"),
    "arrives at closing": ("UTC", OFFICE, {}, "2026-11-16T18:00Z", "15m", "2026-11-17T09:15Z"),
    "seconds are kept": ("UTC", OFFICE, {}, "2026-11-16T17:59:30Z", "1m", "2026-11-17T09:00:30Z"),
    "microseconds are kept": (
        "UTC", OFFICE, {}, "2026-11-16T17:59:59.750000Z", "1s", "2026-11-17T09:00:00.750000Z",
    ),
    "over lunch": ("UTC", LUNCH, {}, "2026-11-16T12:00Z", "1h", "2026-11-16T13:30Z"),
    "due equal to the start of lunch": (
        "UTC", LUNCH, {}, "2026-11-16T12:00Z", "30m", "2026-11-16T12:30Z",
    ),
    "several spans, several days": (
        "UTC", LUNCH, {}, "2026-11-16T12:15Z", "9h", "2026-11-17T13:15Z",
    ),
    "more than a week": ("UTC", OFFICE, {}, "2026-11-16T09:00Z", "46h", "2026-11-23T10:00Z"),
    "a short Saturday": (
        "UTC", "mon-fri 09:00-18:00, sat 10:00-13:00", {},
        "2026-11-20T17:30Z", "3h", "2026-11-21T12:30Z",
    ),
    "one day a week": (
        "UTC", "wed 10:00-12:00", {}, "2026-11-18T11:00Z", "4h", "2026-12-02T11:00Z",
    ),
    "touching spans are one": (
        "UTC", "mon 09:00-12:00 12:00-15:00 14:00-16:00", {},
        "2026-11-16T11:00Z", "5h", "2026-11-16T16:00Z",
    ),
    "until midnight": (
        "UTC", "mon-fri 17:00-00:00", {}, "2026-11-16T23:30Z", "1h", "2026-11-17T17:30Z",
    ),
    "through midnight without a step": (
        "UTC", ALWAYS, {}, "2026-11-16T23:30Z", "1h", "2026-11-17T00:30Z",
    ),
    "closed dates": (
        "UTC", OFFICE, {"closed": ["2026-12-24", "2026-12-25"]},
        "2026-12-23T17:00Z", "3h", "2026-12-28T11:00Z",
    ),
    "arrives on a closed date": (
        "UTC", OFFICE, {"closed": ["2026-12-24"]}, "2026-12-24T10:00Z", "1h", "2026-12-25T10:00Z",
    ),
    "over New Year": (
        "UTC", OFFICE, {"closed": ["2027-01-01"]}, "2026-12-31T17:30Z", "1h", "2027-01-04T09:30Z",
    ),
    "a closed date that was closed anyway": (
        "UTC", OFFICE, {"closed": ["2026-11-21"]}, "2026-11-20T17:30Z", "1h", "2026-11-23T09:30Z",
    ),
    "a closed date in 24/7 hours": (
        "UTC", ALWAYS, {"closed": ["2026-11-17"]}, "2026-11-16T23:00Z", "2h", "2026-11-18T01:00Z",
    ),
    "a leap day": ("UTC", OFFICE, {}, "2028-02-28T17:30Z", "1h", "2028-02-29T09:30Z"),
    "long ago": ("UTC", OFFICE, {}, "1969-12-31T17:30Z", "1h", "1970-01-01T09:30Z"),
    "a holiday of the region": (
        "Europe/Berlin", OFFICE, {"holidays": "DE-BY"},
        "2026-01-05T17:00+01:00", "2h", "2026-01-07T10:00+01:00",
    ),
    "no holiday in the country": (
        "Europe/Berlin", OFFICE, {"holidays": "DE"},
        "2026-01-05T17:00+01:00", "2h", "2026-01-06T10:00+01:00",
    ),
    "Thanksgiving": (
        "America/New_York", OFFICE, {"holidays": "US"},
        "2026-11-25T17:00-05:00", "2h", "2026-11-27T10:00-05:00",
    ),
    "arrives in another offset": (
        "Europe/Berlin", OFFICE, {}, "2026-11-21T00:30+09:00", "3h", "2026-11-23T10:30+01:00",
    ),
    "an offset of three quarters": (
        "Asia/Kathmandu", "mon-fri 09:00-18:00", {}, "2026-11-16T00:00Z", "1h", "2026-11-16T04:15Z",
    ),
    "the local date, not that of UTC": (
        "Pacific/Auckland", "mon 09:00-10:00", {}, "2026-11-15T10:00Z", "30m", "2026-11-15T20:30Z",
    ),
    "summer and winter opening": (
        "Europe/Berlin", OFFICE, {}, "2026-10-23T17:00+02:00", "2h", "2026-10-26T10:00+01:00",
    ),
    "overnight": (
        "Europe/Berlin", "fri 22:00-06:00", {}, "2026-11-20T20:00Z", "3h", "2026-11-21T00:00Z",
    ),
    "overnight on Sunday runs into Monday": (
        "UTC", "sun 22:00-06:00", {}, "2026-11-23T05:00Z", "2h", "2026-11-29T23:00Z",
    ),
    "overnight ends with the span": (
        "UTC", "fri 22:00-06:00", {}, "2026-11-20T22:00Z", "8h", "2026-11-21T06:00Z",
    ),
    "a closed morning half": (
        "Europe/Berlin", "fri 22:00-06:00", {"closed": ["2026-11-21"]},
        "2026-11-20T20:00Z", "3h", "2026-11-27T22:00Z",
    ),
    "a closed evening half": (
        "Europe/Berlin", "fri 22:00-06:00", {"closed": ["2026-11-20"]},
        "2026-11-20T12:00Z", "1h", "2026-11-21T00:00Z",
    ),
    "24/7 in spring": ("Europe/Berlin", ALWAYS, {}, "2026-03-28T22:00Z", "6h", "2026-03-29T04:00Z"),
    "24/7 in autumn": ("Europe/Berlin", ALWAYS, {}, "2026-10-24T22:00Z", "6h", "2026-10-25T04:00Z"),
    "night shift in spring": (
        "Europe/Berlin", "sat 22:00-06:00", {}, "2026-03-28T12:00Z", "7h", "2026-03-29T04:00Z",
    ),
    "night shift in autumn": (
        "Europe/Berlin", "sat 22:00-06:00", {}, "2026-10-24T12:00Z", "9h", "2026-10-25T05:00Z",
    ),
    "a day of 23 hours": (
        "America/New_York", "sun 00:00-24:00", {}, "2026-03-08T00:00Z", "23h", "2026-03-09T04:00Z",
    ),
    "a day of 25 hours": (
        "America/New_York", "sun 00:00-24:00", {}, "2026-11-01T00:00Z", "25h", "2026-11-02T05:00Z",
    ),
    "back in the south": (
        "Australia/Sydney", "sun 01:00-04:00", {}, "2026-04-04T00:00Z", "4h", "2026-04-04T18:00Z",
    ),
    "forward in the south": (
        "Australia/Sydney", "sun 01:00-04:00", {}, "2026-10-03T00:00Z", "2h", "2026-10-03T17:00Z",
    ),
    "back by half an hour": (
        "Australia/Lord_Howe", "sun 01:00-03:00", {},
        "2026-04-04T00:00Z", "2h30m", "2026-04-04T16:30Z",
    ),
    "forward at midnight": (
        "America/Havana", "sun 00:00-09:00", {}, "2026-03-08T00:00Z", "8h", "2026-03-08T13:00Z",
    ),
    "back to midnight": (
        "America/Havana", "sun 00:30-02:00", {}, "2026-10-31T20:00Z", "2h30m", "2026-11-01T07:00Z",
    ),
    "back from midnight": (
        "America/Sao_Paulo", "sat 00:00-24:00", {}, "2018-02-17T00:00Z", "25h", "2018-02-18T03:00Z",
    ),
    "closes in the first of two hours before midnight": (
        "America/Sao_Paulo", "sat 22:00-23:30", {},
        "2018-02-17T20:00Z", "1h30m", "2018-02-18T01:30Z",
    ),
    "closes at the first of two moments": (
        "Europe/Berlin", "sun 01:00-02:30", {}, "2026-10-24T12:00Z", "90m", "2026-10-25T00:30Z",
    ),
    "and stays closed at the second": (
        "Europe/Berlin", "sun 01:00-02:30", {}, "2026-10-25T00:45Z", "1m", "2026-11-01T00:01Z",
    ),
    "opens at the first of two moments": (
        "Europe/Berlin", "sun 02:30-05:00", {}, "2026-10-24T12:00Z", "3h30m", "2026-10-25T04:00Z",
    ),
    "opens when the clocks jump over the opening": (
        "Europe/Berlin", "sun 02:30-05:00", {}, "2026-03-28T12:00Z", "2h", "2026-03-29T03:00Z",
    ),
    "closes when the clocks jump over the closing": (
        "Europe/Berlin", "sun 01:00-02:30", {}, "2026-03-28T12:00Z", "1h", "2026-03-29T01:00Z",
    ),
    "a span that was jumped over": (
        "Europe/Berlin", "sun 02:10-02:50", {}, "2026-03-28T12:00Z", "10m", "2026-04-05T00:20Z",
    ),
    "Apia's skipped day": (
        "Pacific/Apia", "mon-sun 09:00-17:00", {}, "2011-12-30T02:00Z", "2h", "2011-12-30T20:00Z",
    ),
    "open on the skipped day only": (
        "Pacific/Apia", "fri 09:00-17:00", {}, "2011-12-29T20:00Z", "1h", "2012-01-05T20:00Z",
    ),
    "a night shift into the skipped day": (
        "Pacific/Apia", "thu 22:00-06:00", {}, "2011-12-30T06:00Z", "3h", "2012-01-05T09:00Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "days", "more", "start", "window", "expected"), FACTS.values(), ids=FACTS
)
def test_due_times_are_those_worked_out_by_hand(
    zone: str, days: str, more: dict[str, object], start: str, window: str, expected: str
) -> None:
    assert due_at(hours(zone, days, **more), start, window) == moment(expected)


def test_without_hours_the_clock_never_stops() -> None:
    assert due_at(None, "2026-03-28T22:00+01:00", "6h") == moment("2026-03-29T03:00Z")


def test_a_due_time_is_in_utc() -> None:
    start = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    for calendar in (None, hours("Asia/Tokyo", OFFICE)):
        assert due(start, timedelta(hours=1), calendar).tzinfo is UTC


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError):
        due(datetime(2026, 11, 20), timedelta(hours=1), hours("UTC", OFFICE))  # noqa: DTZ001


def test_hours_without_a_span_are_refused() -> None:
    with pytest.raises(ConfigError, match="hours 'office' never open"):
        build_hours("office", HoursSection(), ZoneInfo("UTC"))


def test_a_calendar_whose_holidays_never_end_is_refused_when_asked() -> None:
    calendar = Hours("odd", ZoneInfo("UTC"), (((0, 60),),) * 7, lambda day: "holiday")
    with pytest.raises(ConfigError, match="hours 'odd' do not open often enough"):
        due_at(calendar, "2026-11-20T18:40Z", "15m")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("09:00-12:30", (540, 750)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-06:00", (1320, 360)),
        ("17:00-00:00", (1020, 0)),
        (" 09:00 - 10:00 ", (540, 600)),
    ],
)
def test_spans_are_read(text: str, minutes: tuple[int, int]) -> None:
    assert parse_span(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "9-17", "09:00", "09:00-09:00", "24:00-24:00", "24:00-06:00", "09:00-24:01", "25:00-26:00",
     "09:60-10:00", "00:00-00:00", "09:00-10:00-11:00", "09.00-10.00", "x" * 500],
)  # fmt: skip
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_span(text)


def test_the_sum_names_what_was_closed_and_why() -> None:
    calendar = hours("Europe/Berlin", OFFICE, holidays="DE-BY", closed=["2026-12-24"])
    walked = steps(moment("2026-12-23T16:00Z"), timedelta(hours=2), calendar)
    assert [(s.counted, s.note) for s in walked] == [
        (3600, "open (office)"),
        (0, "closed; 2026-12-24 closed; 2026-12-25 holiday (Christmas Day); "
            "2026-12-26 holiday (Second Day of Christmas)"),
        (3600, "open (office)"),
    ]  # fmt: skip


def test_nothing_counts_when_the_end_is_not_later() -> None:
    calendar = hours("UTC", OFFICE)
    at = moment("2026-11-20T10:00Z")
    for those in (calendar, None):
        assert elapsed(at, at, those) == timedelta()
        assert elapsed(at, at - timedelta(hours=1), those) == timedelta()


def test_only_open_time_counts() -> None:
    start, end = moment("2026-11-20T17:00Z"), moment("2026-11-23T09:30Z")
    assert elapsed(start, end, hours("UTC", OFFICE)) == timedelta(minutes=90)
    assert elapsed(start, end, None) == end - start


def test_by_the_calendar_a_changing_clock_does_not_matter_in_any_zone() -> None:
    start, end = moment("2026-03-28T22:00Z"), moment("2026-03-29T04:00Z")
    berlin = ZoneInfo("Europe/Berlin")
    assert elapsed(start.astimezone(berlin), end.astimezone(berlin), None) == end - start


# Hypothesis: calendars of all kinds, near moments at which clocks change

CHANGES = {
    "UTC": ["2026-01-01"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "America/Sao_Paulo": ["2018-02-18", "2018-11-04"],
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],
    "Asia/Kathmandu": ["2026-06-01"],
    "America/Scoresbysund": ["2024-03-31"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Pacific/Apia": ["2011-12-30", "2011-04-02"],
}
MINUTE = timedelta(minutes=1)
Section = Mapping[str, Any]


def clock_text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def weeks(edges: st.SearchStrategy[int]) -> st.SearchStrategy[dict[str, Any]]:
    """A span of five hours or more, and others on any days, some of them across midnight."""
    lines = st.tuples(st.sampled_from(WEEK), edges, edges)
    long = lines.filter(lambda line: (line[2] - line[1]) % 1440 >= 300)
    return st.tuples(long, st.lists(lines, max_size=7)).map(
        lambda both: week_of([both[0], *both[1]])
    )


def week_of(lines: list[tuple[str, int, int]]) -> dict[str, Any]:
    week: dict[str, Any] = {day: [] for day in WEEK}
    for day, start, end in lines:
        start %= 1440
        week[day].append(f"{clock_text(start)}-{clock_text(end if end != start else 1440)}")
    return week


@st.composite
def cases(
    draw: st.DrawFn, edges: st.SearchStrategy[int], zones: tuple[str, ...] = tuple(CHANGES)
) -> tuple[str, Section, datetime]:
    """A zone, the keys of its hours, and a moment near one at which its clocks change."""
    zone = draw(st.sampled_from(zones))
    change = date.fromisoformat(draw(st.sampled_from(CHANGES[zone])))
    week = draw(weeks(edges))
    near = st.integers(-3, 3).map(lambda days: change + timedelta(days=days))
    week["closed"] = sorted({d.isoformat() for d in draw(st.lists(near, max_size=2))})
    minutes = draw(st.integers(-3 * 1440, 2 * 1440))
    return zone, week, datetime.combine(change, time(), UTC) + minutes * MINUTE


ANY_MINUTE = st.one_of(
    st.integers(0, 1440), st.integers(0, 24).map(lambda h: h * 60), st.integers(60, 200)
)
# Where the clocks may jump over an edge workclock moves it on by as much: only full hours there.
FULL_HOURS_AT_NIGHT = ANY_MINUTE.map(lambda m: m // 60 * 60 if m < 240 or m >= 1380 else m)
QUICK = settings(deadline=None, max_examples=80, database=None)


def calendar_of(zone: str, keys: Section) -> Hours:
    return build_hours("office", HoursSection.model_validate(keys), ZoneInfo(zone))


def open_by_the_wall_clock(keys: Section, shown: datetime) -> bool:
    """Whether a clock that shows this finds the door open: no code shared with the product."""
    if shown.date().isoformat() in keys["closed"]:
        return False
    minute, day = shown.hour * 60 + shown.minute, shown.weekday()
    for text in keys[WEEK[day]]:
        start, end = parse_span(text)
        if start <= minute and (minute < end or end < start):
            return True
    before = [parse_span(text) for text in keys[WEEK[day - 1]]]
    return any(minute < end < start for start, end in before)


def due_minute_by_minute(
    zone: str, keys: Section, start: datetime, minutes: int, most: int
) -> datetime | None:
    """Watch a wall clock; where it is set back the door waits until it gets there again."""
    info, at = ZoneInfo(zone), start - timedelta(hours=3)
    latest, counted = start.replace(year=1, tzinfo=None), 0
    while at < start + most * MINUTE:
        latest = max(latest, at.astimezone(info).replace(tzinfo=None))
        at += MINUTE
        if at > start and open_by_the_wall_clock(keys, latest):
            counted += 1
            if counted == minutes:
                return at
    return None


@QUICK
@given(cases(ANY_MINUTE), st.integers(1, 900))
def test_due_agrees_with_a_walk_minute_by_minute(
    case: tuple[str, Section, datetime], minutes: int
) -> None:
    zone, keys, start = case
    reached = due(start, minutes * MINUTE, calendar_of(zone, keys))
    most = 4 * 1440
    walked = due_minute_by_minute(zone, keys, start, minutes, most)
    assert reached == walked if walked else reached > start + most * MINUTE


def as_workclock(zone: str, keys: Section) -> workclock.Schedule:
    rules: list[Any] = [workclock.Holidays([date.fromisoformat(d) for d in keys["closed"]])]
    for number, day in enumerate(WEEK):
        for start, end in map(parse_span, keys[day]):
            opens, closes = (time(m % 1440 // 60, m % 60) for m in (start, end))
            rules.append(workclock.WorkDay(opens, closes, [number]))
    return workclock.Schedule(rules, time_zone=zone)


WORKCLOCK_ZONES = tuple(zone for zone in CHANGES if zone != "Pacific/Apia")


@settings(QUICK, max_examples=200)
@given(cases(FULL_HOURS_AT_NIGHT, WORKCLOCK_ZONES), st.timedeltas(MINUTE, timedelta(days=20)))
def test_due_and_elapsed_agree_with_workclock(
    case: tuple[str, Section, datetime], window: timedelta
) -> None:
    zone, keys, start = case
    calendar, other = calendar_of(zone, keys), as_workclock(zone, keys)
    assert due(start, window, calendar) == other.add(start, window)
    assert elapsed(start, start + window, calendar) == other.between(start, start + window)


WINDOWS = st.timedeltas(timedelta(microseconds=1), timedelta(days=3))
SHIFTS = st.timedeltas(timedelta(), timedelta(days=2))


@QUICK
@given(cases(ANY_MINUTE), SHIFTS, WINDOWS)
def test_what_has_gone_by_when_it_is_due_is_the_window(
    case: tuple[str, Section, datetime], shift: timedelta, window: timedelta
) -> None:
    zone, keys, start = case
    calendar = calendar_of(zone, keys)
    start += shift
    reached = due(start, window, calendar)
    assert elapsed(start, reached, calendar) == window
    assert elapsed(start, reached - timedelta(microseconds=1), calendar) < window


@QUICK
@given(cases(ANY_MINUTE), SHIFTS, WINDOWS, WINDOWS)
def test_who_comes_later_or_may_wait_longer_is_never_due_earlier(
    case: tuple[str, Section, datetime], shift: timedelta, window: timedelta, more: timedelta
) -> None:
    zone, keys, start = case
    calendar = calendar_of(zone, keys)
    reached = due(start, window, calendar)
    assert reached > start
    assert due(start + shift, window, calendar) >= reached
    assert due(start, window + more, calendar) > reached
    assert due(reached, more, calendar) == due(start, window + more, calendar)


@QUICK
@given(cases(ANY_MINUTE), SHIFTS, WINDOWS)
def test_the_steps_add_up_without_a_gap(
    case: tuple[str, Section, datetime], shift: timedelta, window: timedelta
) -> None:
    zone, keys, start = case
    calendar = calendar_of(zone, keys)
    start += shift
    walked = steps(start, window, calendar)
    assert walked[0].begins == start
    assert walked[-1].ends == due(start, window, calendar)
    assert all(a.ends == b.begins for a, b in pairwise(walked))
    assert all(s.begins < s.ends for s in walked)
    lengths = [(s.ends - s.begins).total_seconds() for s in walked]
    assert all(s.counted in (0, length) for s, length in zip(walked, lengths, strict=True))
    assert sum(s.counted for s in walked) == pytest.approx(window.total_seconds(), abs=1e-5)


@pytest.mark.parametrize("window", ["15m", "6h", "40h"])
def test_without_hours_the_steps_are_one(window: str) -> None:
    start = moment("2026-11-20T18:40Z")
    (step,) = steps(start, due_at(None, "2026-11-20T18:40Z", window) - start, None)
    assert (step.begins, step.ends) == (start, due_at(None, "2026-11-20T18:40Z", window))
