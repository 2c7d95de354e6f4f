"""Lengths of time: read as people write them, written as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("7d", 604800), ("2w", 1209600),
     (" 1H 30M ", 5400), ("1d12h", 129600), ("15 m", 900), ("0h1s", 1), ("3660d", 316224000)],
)  # fmt: skip
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "m", "-5m", "1.5h", "1 year", "15m!", "h1", "1h-30m", "m15", "\x00"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 15m, 1h30m or 7d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "0h0m", "3661d", "9" * 400 + "w", "999999999999w"])
def test_none_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of range; from 1s to ten years"):
        parse_duration(text)


def test_a_long_text_is_refused_briefly_and_fast() -> None:
    with pytest.raises(ValueError, match="not a length of time") as refused:
        parse_duration("1h" * 50_000 + "x")
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (45, "45s"), (60, "1m"), (61, "1m 01s"), (3600, "1h"), (3900, "1h 05m"),
     (3659, "1h"), (86400, "1d"), (183600, "2d 3h"), (-900, "15m")],
)  # fmt: skip
def test_the_two_largest_units_are_shown(seconds: int, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


@settings(deadline=None, database=None)
@given(st.integers(1, 3599))
def test_what_is_shown_under_an_hour_reads_back_the_same(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_duration(format_duration(span)) == span
