"""How much of what Facebook allows is used up, as the headers of its answers say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.errors import RateLimited

_STEPS = ((95, 1800.0), (90, 900.0), (75, 300.0))
"""From so many percent on, so many seconds until the next poll."""
_HEADERS = ("x-business-use-case-usage", "x-app-usage", "x-page-usage")
_PERCENTS = ("call_count", "total_cputime", "total_time")
_MOST_WAIT = 24 * 3600.0


@dataclass(slots=True)
class Usage:
    """The highest percentage that an answer named, and in how many seconds we may come again."""

    percent: float = 0.0
    regain: float | None = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in an answer."""
        self.status, self.headers = status, headers
        said = [entry for name in _HEADERS for entry in _entries(headers.get(name, ""))]
        percents = (_number(entry.get(name)) for entry in said for name in _PERCENTS)
        # What says nothing of it (a page of HTML, an answer of a gateway's) takes nothing back.
        self.percent = max(percents, default=self.percent)
        minutes = max((_number(e.get("estimated_time_to_regain_access")) for e in said), default=0)
        self.regain = min(minutes * 60, _MOST_WAIT) or _retry_after(headers)

    @property
    def pause(self) -> float:
        """Seconds to rest before the next poll, 0 where there is no need."""
        step = next((pause for percent, pause in _STEPS if self.percent >= percent), 0.0)
        return step and max(step, self.regain or 0.0)

    def check(self) -> None:
        """RateLimited where polling has to slow down: throttled calls would count as well."""
        if self.pause:
            raise RateLimited(
                f"{self.percent:.0f} % of what Facebook allows is used up: polled less often",
                retry_after=self.pause,
            )


def _entries(header: str) -> Iterator[Mapping[str, object]]:
    """Every object of numbers in the header: one, or a list of them for each business."""
    try:
        waiting = [json.loads(header)] if header else []
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            yield value
            waiting += [v for v in value.values() if isinstance(v, list)]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0


def _retry_after(headers: Mapping[str, str]) -> float | None:
    said = headers.get("retry-after", "").strip()
    return min(float(said), _MOST_WAIT) if said.isascii() and said.isdigit() else None
