"""Time left, as narrow as it can be said."""

from __future__ import annotations


def countdown(seconds: float) -> str:
    """Time left in at most seven columns: ` 04:12`, `3h10`, `2d04h`; `-` before it when late."""
    sign, left = ("-", int(-seconds)) if seconds < 0 else ("", int(seconds))
    if left < 3600:
        return f"{sign}{left // 60:02}:{left % 60:02}"
    if left < 86400:
        return f"{sign}{left // 3600}h{left // 60 % 60:02}"
    return f"{sign}{left // 86400}d{left // 3600 % 24:02}h"
