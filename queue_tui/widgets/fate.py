"""What would become of an answer, in words: how long it is, how it goes out, why it can't."""

from __future__ import annotations

from dataclasses import replace

from monitor.clean import Safe, clean_line
from monitor.connector import Prospect


def as_typed(prospect: Prospect, text: str) -> Prospect:
    """What is said of a text; one that is not written yet has no length."""
    unwritten = prospect.length is not None and not text.strip()
    return replace(prospect, length=0) if unwritten else prospect


def over(prospect: Prospect) -> int:
    """By how much a text is too long, as its platform counts; 0 where it isn't."""
    if prospect.length is None or prospect.most is None:
        return 0
    return max(0, prospect.length - prospect.most)


def fate_line(prospect: Prospect, way: str) -> Safe:
    """Its length, what it will be and costs, why it is refused, and the `way` among the others."""
    too_long = f"{over(prospect)} TOO LONG" if over(prospect) else ""
    refused = prospect.refusal and not too_long
    refusal = f"NOT possible: {prospect.refusal}" if refused else ""
    ways = _ways(prospect, way)
    parts = (_length(prospect), too_long, refusal, prospect.what, prospect.cost, ways)
    return clean_line("  ".join(part for part in parts if part), 400)


def _length(prospect: Prospect) -> str:
    length = "" if prospect.length is None else str(prospect.length)
    return length if prospect.most is None else f"{length or 0}/{prospect.most}"


def _ways(prospect: Prospect, way: str) -> str:
    """The ways that there are, the chosen one in brackets: `ctrl+r: [in public] in private`."""
    names = [w.name for w in prospect.ways]
    if way and way not in names:
        return "ctrl+r: the usual way"
    if len(names) < 2:
        return ""
    chosen = way or names[0]
    shown = (f"[{w.label}]" if w.name == chosen else w.label for w in prospect.ways)
    return f"ctrl+r: {' '.join(shown)}"
