"""The latest texts of customers, remembered so that a change of them and their end are noticed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.facebook.attachments import revision
from connectors.facebook.values import Node, seconds, text

MOST = 100
LONGEST = 3 * 24 * 3600
"""Seconds: what was written longer ago has been answered, or is beyond its window by far."""


class Seen(NamedTuple):
    """A text as it was read: its moment in s since 1970, and its revision."""

    at: int
    revision: str


Texts = Mapping[str, Seen]
Watched = Mapping[str, Texts]
"""By the post or conversation in which they stand; where was looked longest ago comes first."""


def seen(nodes: Iterable[Node], now: int) -> dict[str, Seen]:
    """Customers' texts, to be watched from now on if they are young enough."""
    dated = ((node, seconds(node, "created_time")) for node in nodes if text(node, "id"))
    return {text(n, "id"): Seen(at, revision(n)) for n, at in dated if at >= now - LONGEST}


def added(watched: Watched, where: str, texts: Texts, now: int) -> Watched:
    """The same after a look at a place: `texts` are all that are watched there from now on."""
    after = {k: v for k, v in watched.items() if k != where}
    if texts:
        after[where] = texts
    return _bounded(after, now)


def _bounded(watched: Watched, now: int) -> Watched:
    """The newest of all, as many and as young as may be."""
    there = [(s.at, k) for texts in watched.values() for k, s in texts.items()]
    kept = {k for at, k in sorted(there, reverse=True)[:MOST] if at >= now - LONGEST}
    if len(kept) == len(there):
        return watched
    left = {w: {k: s for k, s in t.items() if k in kept} for w, t in watched.items()}
    return {where: texts for where, texts in left.items() if texts}


def missing(texts: Texts, listed: Mapping[str, Node], floor: int) -> list[str]:
    """Those that a list from this moment on should hold and doesn't, or holds emptied."""
    return [
        name for name, before in texts.items()
        if before.at >= floor and (name not in listed or not revision(listed[name]))
        and before.revision
    ]  # fmt: skip


def saved(value: Mapping[str, Mapping[str, Sequence[Any]]]) -> Watched:
    """As a cursor holds it; whatever isn't of that form raises ValueError, TypeError or such."""
    return {
        where: {k: Seen(int(at), str(said)) for k, (at, said) in texts.items()}
        for where, texts in value.items()
    }
