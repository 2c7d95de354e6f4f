"""`[terminal]`: what it may say, and when nothing is announced."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import parse_config
from monitor.errors import ConfigError
from monitor.terminal import TerminalSection


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "quiet"), [(17, False), (18, True), (23, True), (7, True), (8, False)]
)
def test_quiet_hours_may_cross_midnight(hour: int, quiet: bool) -> None:
    assert TerminalSection(quiet="18:00-08:00").is_quiet(at(hour), UTC) is quiet


def test_quiet_hours_are_those_of_the_desk() -> None:
    section = TerminalSection(quiet="12:00-13:00")
    assert section.is_quiet(at(11, 30), ZoneInfo("Europe/Berlin"))
    assert not section.is_quiet(at(11, 30), UTC)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert not TerminalSection().is_quiet(at(3), UTC)


@pytest.mark.parametrize(
    "wrong", ["18-8", "18:00", "18:00-18:00", "25:00-08:00", "evening", "18:00-08:00-09:00"]
)
def test_a_span_that_is_none_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ConfigError, match="18:00-08:00"):
        parse_config(f'[terminal]\nquiet = "{wrong}"\n', Path("c.toml"), {})


def test_an_unknown_theme_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="'high-contrast'"):
        parse_config('[terminal]\ntheme = "pink"\n', Path("c.toml"), {})
