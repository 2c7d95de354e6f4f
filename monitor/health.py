"""How an account is doing, in the four words that every screen uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from monitor.clock import iso
from monitor.duration import format_duration
from monitor.errors import AuthError, ConfigError, ConnectorError, RateLimited

_PATIENCE = timedelta(minutes=2)


class Health(StrEnum):
    """`ok` alone means that everything that came in is known."""

    OK = "ok"
    THROTTLED = "throttled"
    BLIND = "blind"
    SIGNED_OUT = "signed out"


@dataclass(frozen=True, slots=True)
class Status:
    """What is stored about an account's polling."""

    name: str
    channel: str
    state: Health
    since: datetime | None
    reason: str
    remedy: str
    last_ok: datetime | None
    last_poll: datetime | None
    next_at: datetime | None = None
    ledger: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The public form, as `replyby accounts --json` prints it."""
        return {
            "name": self.name,
            "channel": self.channel,
            "state": str(self.state),
            "since": iso(self.since),
            "reason": self.reason,
            "remedy": self.remedy,
            "last_ok": iso(self.last_ok),
            "last_poll": iso(self.last_poll),
            "ledger": dict(self.ledger),
        }


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a poll failed: the state it leaves the account in, and what a person can do."""

    state: Health
    reason: str
    remedy: str
    retry_after: float | None = None


def trouble(error: ConnectorError | ConfigError) -> Trouble:
    """What a failed poll means for the account."""
    if isinstance(error, ConfigError):
        return Trouble(Health.SIGNED_OUT, str(error), "give the secret, then poll again")
    if isinstance(error, AuthError):
        remedy = error.remedy or "renew the password or token, then poll again"
        return Trouble(Health.SIGNED_OUT, str(error), remedy, error.retry_after)
    if isinstance(error, RateLimited):
        remedy = error.remedy or "nothing: polling goes on when the platform allows it"
        return Trouble(Health.THROTTLED, str(error), remedy, error.retry_after)
    remedy = error.remedy or "nothing yet: it is tried again by itself"
    return Trouble(Health.BLIND, str(error), remedy, error.retry_after)


def stale(status: Status, every: timedelta, now: datetime) -> Status:
    """The same status, blind where nobody has polled for three intervals and two minutes."""
    if status.state is not Health.OK or status.last_poll is None:
        return status
    silent = now - status.last_poll
    if silent <= 3 * every + _PATIENCE:
        return status
    return Status(
        status.name,
        status.channel,
        Health.BLIND,
        status.last_poll,
        f"not polled for {format_duration(silent)}",
        "start `replyby run`, or `replyby poll` by cron",
        status.last_ok,
        status.last_poll,
        status.next_at,
        status.ledger,
    )
