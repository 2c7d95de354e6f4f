"""The seconds that a screen counts: each comes once, just after the clock has begun it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.message_pump import MessagePump

from monitor.clock import Clock

_AFTER = 0.1


def whole(now: datetime) -> datetime:
    """The second that it is: a countdown from there moves with seconds alone."""
    return now.replace(microsecond=0)


def each_second(pump: MessagePump, clock: Clock, tick: Callable[[], None]) -> None:
    """Call it in every second from now on, as long as `pump` is there.

    A timer of one second that happens to go off near a second's edge would show one for two
    seconds and leave out the next.
    """

    def then() -> None:
        tick()
        wait()

    def wait() -> None:
        pump.set_timer(1 + _AFTER - clock().microsecond / 1_000_000, then)

    wait()
