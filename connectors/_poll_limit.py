"""A time-out for a whole poll, however many calls it makes and however slow each of them is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from monitor.clock import Clock
from monitor.config import AccountSettings
from monitor.duration import format_duration
from monitor.errors import ConnectorError

_CALLS = 10


class PollLimit:
    """How long the calls of one poll last together: ten times the time-out of one at the most.

    `running` is around a poll, and outside of it there is no such limit.
    """

    def __init__(self, settings: AccountSettings, timeout: timedelta, clock: Clock) -> None:
        self._length = _CALLS * timeout
        self._every = settings.every
        self._clock = clock
        self._ends: datetime | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """A poll, from now on."""
        self._ends = self._clock() + self._length
        try:
            yield
        finally:
            self._ends = None

    def left(self) -> float:
        """Seconds that the next call may last; a ConnectorError that ends the poll at none."""
        if self._ends is None:
            return math.inf
        left = (self._ends - self._clock()).total_seconds()
        if left <= 0:
            raise ConnectorError(
                f"the poll was ended after {format_duration(self._length)}: there is much to read, "
                "or its server is slow; what was read is stored, and the next one goes on there",
                retry_after=self._every.total_seconds(),
            )
        return left
