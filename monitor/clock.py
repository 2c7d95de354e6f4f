"""The one place that asks the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC; a naive `moment` is refused with TypeError."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The moment that `micros` turned into `value`."""
    return EPOCH + timedelta(microseconds=value)


def opt_from_micros(value: int | None) -> datetime | None:
    """`from_micros`, where there may be no value."""
    return None if value is None else from_micros(value)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, whole seconds where nothing is lost by it."""
    return None if moment is None else moment.isoformat()
