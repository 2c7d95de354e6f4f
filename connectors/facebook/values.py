"""What stands in the JSON of the Graph API, read without trusting its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from monitor.clock import EPOCH

Node = Mapping[str, Any]

_DEEPEST = 12


def text(node: Node, name: str) -> str:
    """The field's text, "" where it is none."""
    value = node.get(name)
    return value if isinstance(value, str) else ""


def number(node: Node, name: str) -> int:
    """The field's number, 0 where it is none."""
    value = node.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def child(node: Node, name: str) -> Node:
    """The field's object, an empty one where it is none."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def nodes(value: object) -> list[Node]:
    """The objects of a list."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def data(node: Node, name: str) -> list[Node]:
    """The objects of an edge that was expanded: `{"data": [...]}`."""
    return nodes(child(node, name).get("data"))


def moment(node: Node, name: str) -> datetime | None:
    """A moment as Graph writes it, `2021-07-23T09:28:50+0000`; None where it is none."""
    return _moment(text(node, name))


@lru_cache(maxsize=512)
def _moment(written: str) -> datetime | None:
    """Of one node it is asked for several times."""
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def seconds(node: Node, name: str) -> int:
    """The same in whole seconds since 1970, 0 where it is none."""
    at = moment(node, name)
    return int((at - EPOCH).total_seconds()) if at else 0


def is_young(node: Node, floor: int) -> bool:
    """Whether it is not older; what has no time that can be read counts, and is kept aside."""
    return moment(node, "created_time") is None or seconds(node, "created_time") >= floor


def without_paging(value: object, depth: int = 0) -> object:
    """The same without links to further pages: tokens stand in them."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        kept = ((k, v) for k, v in value.items() if k != "paging")
        return {k: without_paging(v, depth + 1) for k, v in kept}
    if isinstance(value, list):
        return [without_paging(v, depth + 1) for v in value]
    return value


def chunks(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    """The items, so many at a time."""
    return (items[n : n + most] for n in range(0, len(items), most))
