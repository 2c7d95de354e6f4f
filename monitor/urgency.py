"""How urgent a conversation is at a moment: overdue, due soon, or on time."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

SOON_LEAST = timedelta(minutes=5)
SOON_MOST = timedelta(hours=1)
LEASE_LEAST = timedelta(minutes=5)
LEASE_MOST = timedelta(minutes=30)


class Urgency(StrEnum):
    """The words that every list, count and report uses."""

    OVERDUE = "overdue"
    DUE_SOON = "due soon"
    ON_TIME = "on time"


def urgency(reply_by: datetime, window: timedelta, now: datetime) -> Urgency:
    """Due soon is the last quarter of the window, between five minutes and an hour of it."""
    if now > reply_by:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if reply_by - now <= soon(window) else Urgency.ON_TIME


def soon(window: timedelta) -> timedelta:
    """How long before its reply-by time a conversation with this window is due soon."""
    return _between(window / 4, SOON_LEAST, SOON_MOST)


def lease(window: timedelta) -> timedelta:
    """How long a claim holds unless it is renewed: a quarter of the window, 5 to 30 minutes."""
    return _between(window / 4, LEASE_LEAST, LEASE_MOST)


def _between(value: timedelta, least: timedelta, most: timedelta) -> timedelta:
    return max(least, min(value, most))
