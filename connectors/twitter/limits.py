"""How often X may be asked: what its headers say is left of each window, and how long to pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LONGEST_PAUSE = 86_400.0
_SHORTEST_PAUSE = 1.0
_USUAL_PAUSE = 60.0
_FAMILIES = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")


@dataclass(slots=True)
class Windows:
    """By route, until when nothing is left of it, in seconds since 1970."""

    used_up: dict[str, int] = field(default_factory=dict)

    def heard(self, route: str, headers: Mapping[str, str]) -> None:
        """Take note of what an answer says of its route."""
        ends = [reset for left, reset in _counts(headers) if left == 0]
        if ends:
            self.used_up[route] = max(ends)
        else:
            self.used_up.pop(route, None)

    def wait(self, route: str, now: datetime) -> float:
        """Seconds until the route may be asked again, 0 where it may be now."""
        left = self.used_up.get(route, 0) - now.timestamp()
        return min(max(left, 0.0), LONGEST_PAUSE)


def pause(headers: Mapping[str, str], now: datetime) -> float:
    """How long a 429 asks us to wait, in seconds, between one second and a day.

    A 429 comes with requests left of its window too, where it is a daily limit that is used up.
    """
    ends = [reset for left, reset in _counts(headers) if left == 0]
    seconds = max(ends) - now.timestamp() if ends else _retry_after(headers)
    return min(max(seconds, _SHORTEST_PAUSE), LONGEST_PAUSE)


def _counts(headers: Mapping[str, str]) -> list[tuple[int, int]]:
    """(requests left, end of the window) of each kind of limit that the headers name."""
    found = (
        (_number(headers, f"{f}-remaining"), _number(headers, f"{f}-reset")) for f in _FAMILIES
    )
    return [(left, reset) for left, reset in found if left is not None and reset is not None]


def _retry_after(headers: Mapping[str, str]) -> float:
    given = _number(headers, "retry-after")
    return _USUAL_PAUSE if given is None else float(given)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
