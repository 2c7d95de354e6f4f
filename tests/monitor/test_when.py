"""Moments in words: what a person means by them, on the days of changing clocks too."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from monitor.when import parse_moment, parse_when
from tests.monitor.calendars import moment

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY_NOON = "2026-11-20T12:00+01:00"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2h", "2026-11-20T14:00+01:00"),
        ("2 h", "2026-11-20T14:00+01:00"),
        ("1h 30m", "2026-11-20T13:30+01:00"),
        ("3d", "2026-11-23T12:00+01:00"),
        ("14:30", "2026-11-20T14:30+01:00"),
        ("9", "2026-11-21T09:00+01:00"),
        ("12:00", "2026-11-21T12:00+01:00"),
        ("today 17", "2026-11-20T17:00+01:00"),
        ("tomorrow", "2026-11-21T09:00+01:00"),
        ("Tomorrow 9:15", "2026-11-21T09:15+01:00"),
        ("monday", "2026-11-23T09:00+01:00"),
        ("mon 10:30", "2026-11-23T10:30+01:00"),
        ("friday", "2026-11-27T09:00+01:00"),
        ("2026-11-24T09:00", "2026-11-24T09:00+01:00"),
        ("2026-11-24 09:00", "2026-11-24T09:00+01:00"),
        ("2026-11-24", "2026-11-24T00:00+01:00"),
        ("2026-11-24T09:00Z", "2026-11-24T10:00+01:00"),
    ],
)
def test_words_are_understood(words: str, meant: str) -> None:
    assert parse_when(words, moment(FRIDAY_NOON), BERLIN) == moment(meant)


@pytest.mark.parametrize(
    "words", ["", "soon", "25", "9:60", "mo", "monday 25", "tomorrow at nine", "14:30 monday",
              "99999999w", "2026-13-01", "tomorrow 9 sharp", "\x00", "x" * 10_000],
)  # fmt: skip
def test_other_words_are_refused_with_examples(words: str) -> None:
    with pytest.raises(ValueError, match=r"is no time; write 2h, 14:30, tomorrow") as refused:
        parse_when(words, moment(FRIDAY_NOON), BERLIN)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("now", "words", "meant"),
    [
        ("2026-03-28T12:00+01:00", "tomorrow 9", "2026-03-29T09:00+02:00"),
        ("2026-03-28T12:00+01:00", "24h", "2026-03-29T13:00+02:00"),
        ("2026-03-28T12:00+01:00", "tomorrow 2:30", "2026-03-29T03:30+02:00"),
        ("2026-10-24T12:00+02:00", "tomorrow 9", "2026-10-25T09:00+01:00"),
        ("2026-10-24T12:00+02:00", "24h", "2026-10-25T11:00+01:00"),
        ("2026-10-24T12:00+02:00", "sunday 2:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T00:30+02:00", "2:30", "2026-10-25T02:30+02:00"),
    ],
)
def test_the_day_of_changing_clocks_is_counted_right(now: str, words: str, meant: str) -> None:
    assert parse_when(words, moment(now), BERLIN).astimezone(UTC) == moment(meant)


def test_a_time_of_day_never_lies_in_the_past() -> None:
    second_pass = moment("2026-10-25T02:15+01:00")
    assert parse_when("2:30", second_pass, BERLIN) > second_pass


def test_now_is_seen_in_the_zone_asked_for() -> None:
    late = moment("2026-11-20T20:00Z")
    assert parse_when("tomorrow", late, ZoneInfo("Asia/Tokyo")) == moment("2026-11-22T09:00+09:00")
    assert parse_when("23", late, ZoneInfo("UTC")) == moment("2026-11-20T23:00Z")


def test_a_moment_without_offset_is_local() -> None:
    assert parse_moment("2026-11-20T18:40:00", BERLIN) == moment("2026-11-20T17:40Z")
    assert parse_moment(" 2026-11-20T18:40:00Z ", BERLIN) == moment("2026-11-20T18:40Z")
    assert parse_moment("2026-11-20T18:40:00.25-05:00", BERLIN) == moment("2026-11-20T23:40:00.25Z")


@pytest.mark.parametrize("text", ["", "now", "2h", "2026-02-30", "18:40", "2026-11-20T25:00Z"])
def test_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no moment; write it like 2026-11-20T18:40:00Z"):
        parse_moment(text, BERLIN)
