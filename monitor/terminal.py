"""`[terminal]` of config.toml: colours, marks, and what the terminal may announce, and when."""

from __future__ import annotations

from datetime import datetime, time, tzinfo
from typing import Annotated, Literal

from pydantic import AfterValidator, StrictBool

from monitor.settings import Section

Theme = Literal["dark", "light", "high-contrast", "ansi"]


def _span(text: str) -> str:
    if text:
        quiet_span(text)
    return text


def quiet_span(text: str) -> tuple[time, time]:
    """`18:00-08:00` as its two times; ValueError with an example."""
    start, dash, end = text.partition("-")
    try:
        first, last = _time(start), _time(end)
    except ValueError:
        dash = ""
    if not dash or first == last:
        raise ValueError("is a span of the day like '18:00-08:00'")
    return first, last


def _time(text: str) -> time:
    if len(text) != 5:
        raise ValueError(text)
    return time.fromisoformat(text)


class TerminalSection(Section):
    """How the terminal looks, and what it announces of conversations that are yours.

    `ascii` draws our marks and lines without anything beyond ASCII, as happens by itself where the
    locale isn't UTF-8. `bell` rings and `notify` sends a notification to the desktop when one of
    yours is about to go over, except in the `quiet` hours (of the desk's time zone); the customer's
    name and subject stand in it only with `notify_text`.
    """

    theme: Theme = "dark"
    ascii: StrictBool = False
    bell: StrictBool = True
    notify: StrictBool = True
    notify_text: StrictBool = False
    quiet: Annotated[str, AfterValidator(_span)] = ""

    def is_quiet(self, now: datetime, zone: tzinfo) -> bool:
        """Whether nothing is announced at this time of day; the span may cross midnight."""
        if not self.quiet:
            return False
        start, end = quiet_span(self.quiet)
        there = now.astimezone(zone).time()
        return start <= there < end if start < end else there >= start or there < end
