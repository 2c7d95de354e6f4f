"""How lists of the Graph API are asked for and read: newest first, no longer than needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from connectors.facebook.failures import GraphFailure, Kind
from connectors.facebook.sources import COMMENT_FIELDS
from connectors.facebook.values import Node, child, is_young, number, seconds
from connectors.facebook.watched import Texts

_COMMENTS_A_PAGE = "100"


@contextmanager
def unless_gone() -> Iterator[None]:
    """Whatever was deleted since it was listed has nothing below it."""
    try:
        yield
    except GraphFailure as error:
        if error.kind is not Kind.GONE:
            raise


def comments_since(moment: int) -> dict[str, str]:
    """The arguments for all comments under a post, nested ones too, from this second on."""
    return {
        "fields": COMMENT_FIELDS, "limit": _COMMENTS_A_PAGE, "filter": "stream",
        "order": "reverse_chronological", "since": str(moment),
    }  # fmt: skip


def oldest_below(post: str, texts: Texts, otherwise: int) -> int:
    """From when on a list holds all that is watched below a post, in s."""
    return min([otherwise, *(one.at for name, one in texts.items() if name != post)])


def comment_count(post: Node) -> int:
    """How many comments Facebook says there are under a listed post."""
    return number(child(child(post, "comments"), "summary"), "total_count")


def reach_of(messages: Sequence[Node]) -> int:
    """From when on a list that goes on further back holds everything, in s."""
    return min((seconds(m, "created_time") for m in messages), default=0) + 1


def down_to(floor: int, pages: Iterator[list[Node]]) -> list[Node]:
    """What is not older than the floor, oldest first; pages come newest first."""
    found: list[Node] = []
    for page in pages:
        young = [node for node in page if is_young(node, floor)]
        found += young
        if len(young) < len(page):
            break
    found.reverse()
    return sorted(found, key=lambda node: seconds(node, "created_time"))
