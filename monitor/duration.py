"""Lengths of time as people write them in config.toml and on the command line."""

from __future__ import annotations

import re
from datetime import timedelta

from monitor.clean import shown

_PART = re.compile(r"(\d+)\s*([smhdw])")
_WHOLE = re.compile(r"(?:\d+\s*[smhdw]\s*)+")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = timedelta(days=3660)


def parse_duration(text: str) -> timedelta:
    """`90s`, `15m`, `1h30m`, `7d`, `2w`; anything else raises ValueError with an example."""
    text = text.strip().lower()
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a length of time; write it like 15m, 1h30m or 7d")
    seconds = sum(int(number[:12]) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise ValueError(f"{shown(text)} is out of range; from 1s to ten years")
    return timedelta(seconds=seconds)


def format_duration(span: timedelta) -> str:
    """The two largest units that a person wants to read: `2d 3h`, `1h 05m`, `45s`."""
    seconds = int(abs(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes:02}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m {seconds % 60:02}s" if seconds % 60 else f"{minutes}m"
    return f"{seconds}s"
