"""How far a page has been read: the cursor of its polls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from connectors.facebook.watched import Watched, saved
from monitor.clock import EPOCH

_OVERLAP = 3600
"""Seconds read again: what Facebook lists late would be lost for good otherwise."""


_SAVED = ("since", "messages", "posts", "watched", "apart")


class Read(NamedTuple):
    """How a post was when its comments were read; `newest` is the latest, in s since 1970."""

    comments: int
    updated: int
    newest: int


UNREAD = Read(-1, 0, 0)


@dataclass(slots=True)
class Place:
    """`since` is as far back as is looked at all, `messages` the newest that came in, both in s.

    `watched` are the texts that may still change; until `apart` each source is asked for alone.
    """

    since: int
    messages: int = 0
    posts: dict[str, Read] = field(default_factory=dict)
    watched: Watched = field(default_factory=dict)
    apart: int = 0

    @classmethod
    def at(cls, cursor: str | None, since: datetime) -> Place:
        """The place that a cursor stands for; `since` where there is none that can be read."""
        beginning = int((since - EPOCH).total_seconds())
        try:
            kept = json.loads(cursor or "")
            posts = {str(k): Read(*map(int, v)) for k, v in kept["posts"].items()}
            watched = saved(kept.get("watched", {}))
            apart = int(kept.get("apart", 0))
            return cls(int(kept["since"]), int(kept["messages"]), posts, watched, apart)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(beginning)

    @property
    def cursor(self) -> str:
        """It as text."""
        kept = {name: getattr(self, name) for name in _SAVED}
        return json.dumps(kept, separators=(",", ":"))

    def with_posts(self, read: Mapping[str, Read]) -> Place:
        """The place after these posts were read."""
        return replace(self, posts={**self.posts, **read})

    def take(self, after: Place) -> None:
        """Move on to it."""
        self.messages, self.posts, self.watched = after.messages, after.posts, after.watched

    @property
    def messages_floor(self) -> int:
        """Messages before it are known."""
        return max(self.since, self.messages - _OVERLAP)

    def comments_floor(self, post: str) -> int:
        """Comments before it under this post are known."""
        return max(self.since, self.posts.get(post, UNREAD).newest - _OVERLAP)
