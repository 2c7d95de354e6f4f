"""How often X may be asked: what its headers say is left of each window, and how long to pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LONGEST_PAUSE = 86_400.0
_USUAL_PAUSE = 60.0
_USUAL_WINDOW = 900.0
_FAMILIES = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")


@dataclass(slots=True)
class Windows:
    """By route, until when nothing is left of it, in seconds since 1970."""

    used_up: dict[str, int] = field(default_factory=dict)

    def heard(self, route: str, headers: Mapping[str, str], now: datetime) -> None:
        """Take note of what an answer says of its route."""
        if ends := _ends(headers, now.timestamp()):
            self.used_up[route] = int(max(ends))
        else:
            self.used_up.pop(route, None)

    def rest(self, route: str, seconds: float, now: datetime) -> None:
        """Leave a route alone that was refused, for so long at least."""
        until = int(now.timestamp() + seconds)
        self.used_up[route] = max(until, self.used_up.get(route, 0))

    def wait(self, route: str, now: datetime) -> float:
        """Seconds until the route may be asked again, 0 where it may be now."""
        left = self.used_up.get(route, 0) - now.timestamp()
        # No window is longer than a day: then our clock was set back.
        return max(left, 0.0) if left <= LONGEST_PAUSE else 0.0


def pause(headers: Mapping[str, str], now: datetime) -> float:
    """How long a 429 asks us to wait, in seconds: a day at the most.

    A 429 comes with requests left of its window too, where it is a daily limit that is used up.
    One whose window has ended by our clock is not asked again at once: the clocks may differ.
    """
    ends = _ends(headers, now.timestamp())
    seconds = max(ends) - now.timestamp() if ends else _number(headers, "retry-after")
    return min(seconds, LONGEST_PAUSE) if seconds and seconds > 0 else _USUAL_PAUSE


def _ends(headers: Mapping[str, str], now: float) -> list[float]:
    """When the windows end of which nothing is left."""
    return [_believable(reset, now) for left, reset in _counts(headers) if left == 0]


def _believable(end: int, now: float) -> float:
    """Within a day of now, in seconds or else in milliseconds; else a usual window from now on."""
    ends = (end, end / 1000)
    return next((e for e in ends if abs(e - now) <= LONGEST_PAUSE), now + _USUAL_WINDOW)


def _counts(headers: Mapping[str, str]) -> list[tuple[int, int]]:
    """(requests left, end of the window) of each kind of limit that the headers name."""
    found = (
        (_number(headers, f"{f}-remaining"), _number(headers, f"{f}-reset")) for f in _FAMILIES
    )
    return [(left, reset) for left, reset in found if left is not None and reset is not None]


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
