"""The exit codes of `status`: those of monitoring plugins."""

from __future__ import annotations

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3


def verdict(
    overdue: int, *, lower_bound: bool, warn: int | None = None, fail_over: int | None = None
) -> int:
    """The code for so many overdue: a warning from `warn` on, critical with more than `fail_over`.

    With either given, a lower bound is a warning at least: what isn't seen may be overdue.
    """
    if fail_over is not None and overdue > fail_over:
        return CRITICAL
    if warn is not None and overdue >= warn:
        return WARNING
    asked = warn is not None or fail_over is not None
    return WARNING if asked and lower_bound else OK
