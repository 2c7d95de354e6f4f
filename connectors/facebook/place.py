"""How far a page has been read: the cursor of its polls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from monitor.clock import EPOCH

_OVERLAP = 3600
"""Seconds read again: what Facebook lists late would be lost for good otherwise."""


class Read(NamedTuple):
    """How a post was when its comments were read; `newest` is the latest, in s since 1970."""

    comments: int
    updated: int
    newest: int


UNREAD = Read(-1, 0, 0)


@dataclass(slots=True)
class Place:
    """`since` is as far back as is looked at all, `messages` the newest that came in, both in s."""

    since: int
    messages: int = 0
    posts: dict[str, Read] = field(default_factory=dict)

    @classmethod
    def at(cls, cursor: str | None, since: datetime) -> Place:
        """The place that a cursor stands for; `since` where there is none that can be read."""
        beginning = int((since - EPOCH).total_seconds())
        try:
            saved = json.loads(cursor or "")
            posts = {str(k): Read(*map(int, v)) for k, v in saved["posts"].items()}
            return cls(int(saved["since"]), int(saved["messages"]), posts)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(beginning)

    @property
    def cursor(self) -> str:
        """It as text."""
        saved = {"since": self.since, "messages": self.messages, "posts": self.posts}
        return json.dumps(saved, separators=(",", ":"))

    def with_posts(self, read: Mapping[str, Read]) -> Place:
        """The place after these posts were read."""
        return replace(self, posts={**self.posts, **read})

    @property
    def messages_floor(self) -> int:
        """Messages before it are known."""
        return max(self.since, self.messages - _OVERLAP)

    def comments_floor(self, post: str) -> int:
        """Comments before it under this post are known."""
        return max(self.since, self.posts.get(post, UNREAD).newest - _OVERLAP)
