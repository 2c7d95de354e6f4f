"""How often the sandbox's X lets itself be asked: a count for each route and window, as headers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

WINDOW = 900  # seconds


@dataclass
class Limits:
    """The requests left of each route; `most` may be changed for a route, or for all by ""."""

    clock: Callable[[], datetime]
    most: dict[str, int] = field(default_factory=dict)
    _windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, route: str, usual: int) -> tuple[bool, dict[str, str]]:
        """Whether one more is allowed, and the headers that say so; it is counted if it is."""
        now = int(self.clock().timestamp())
        most = self.most.get(route, self.most.get("", usual))
        ends, used = self._windows.get(route, (0, 0))
        if ends <= now:
            ends, used = now - now % WINDOW + WINDOW, 0
        allowed = used < most
        used += allowed
        self._windows[route] = (ends, used)
        headers = {"limit": most, "remaining": max(most - used, 0), "reset": ends}
        return allowed, {f"x-rate-limit-{name}": str(value) for name, value in headers.items()}
