"""Short ways to make business hours and moments for tests."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.calendars import HoursSection, build_hours
from monitor.duration import parse_duration
from monitor.windows import Hours, due

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WEEKDAYS, "sat", "sun")


def section(days: str, **more: object) -> dict[str, object]:
    """Keys of `[hours.NAME]` from `"mon-fri 09:00-12:30 13:00-18:00, sat 10:00-14:00"`."""
    keys: dict[str, object] = dict(more)
    for part in days.split(","):
        names, *spans = part.split()
        first, _, last = names.partition("-")
        for day in WEEK[WEEK.index(first) : WEEK.index(last or first) + 1]:
            keys[day] = spans
    return keys


def hours(zone: str, days: str, **more: object) -> Hours:
    """Business hours as config.toml would describe them."""
    model = HoursSection.model_validate(section(days, **more))
    return build_hours("office", model, ZoneInfo(zone))


def moment(text: str) -> datetime:
    """`2026-11-20T18:40Z`, in UTC."""
    return datetime.fromisoformat(re.sub("Z$", "+00:00", text)).astimezone(UTC)


def due_at(calendar: Hours | None, start: str, window: str) -> datetime:
    """When something that arrives at `start` is due."""
    return due(moment(start), parse_duration(window), calendar)
