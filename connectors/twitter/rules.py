"""What X takes as an answer: said before anybody writes, and held to when it is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from connectors.twitter import messages
from connectors.twitter.length import has_link, weighted_length
from connectors.twitter.posts import Post, link_to, may_answer
from connectors.twitter.rows import Json, Person
from connectors.twitter.settings import TwitterSettings
from connectors.twitter.thread import POSTS_MOST, thread
from monitor.errors import Refused

THREAD = "thread"
"""The way of answering by several posts, each in reply to the one before."""
GONE = "the post is not there any more: its author deleted it, or hides it from us"
_MESSAGE_CHARS = 10_000
_WAYS = ("", THREAD)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is answered: the row as X gave it, whose account had it, and by which listing."""

    row: Json
    us: Person
    source: str

    @classmethod
    def read(cls, source: bytes) -> Self:
        """From the source that was kept with the message; Refused where it is another's."""
        try:
            kept = json.loads(source)
            return cls(dict(kept["row"]), Person(**kept["us"]), str(kept["from"]))
        except (ValueError, TypeError, KeyError):
            raise Refused("it isn't known any more which post this answers") from None

    @property
    def post(self) -> Post:
        """The row, where it is one of a post."""
        return Post(self.row)

    @property
    def private(self) -> bool:
        """Whether it is a direct message."""
        return self.source == messages.SOURCE


@dataclass(frozen=True)
class Answer:
    """A text as the answer to that, by one of X's ways: what it is made of, and what it costs."""

    asked: Asked
    text: str
    way: str
    settings: TwitterSettings

    @cached_property
    def length(self) -> int:
        """As X counts it: by weight in public, plain characters in private."""
        return len(self.text) if self.asked.private else weighted_length(self.text)

    @property
    def most(self) -> int:
        """The greatest length of one post or message."""
        return _MESSAGE_CHARS if self.asked.private else self.settings.longest

    @property
    def parts(self) -> list[str]:
        """The posts that it is sent as."""
        return self.as_thread if self.way == THREAD else [self.text]

    @cached_property
    def as_thread(self) -> list[str]:
        """The posts that it would be as a thread; whole where that wouldn't help."""
        fits = self.asked.private or self.length <= self.most
        return [self.text] if fits or self._endless else thread(self.text, self.most)

    @property
    def _endless(self) -> bool:
        """Whether no thread is long enough for it, so that it needn't be cut to find out."""
        return self.length > POSTS_MOST * self.most

    def objection(self) -> str:
        """Why X would refuse it, or we would, "" where nobody would."""
        return self.forbidden(self.asked.post) or self._unfit()

    def forbidden(self, post: Post) -> str:
        """Why no answer of ours is taken at all, by what the post says now."""
        if self.asked.private:
            return messages.ONLY_IN_X if messages.in_group(self.asked.row) else ""
        if self.settings.answer_anyone or may_answer(post, self.asked.us, self.asked.source):
            return ""
        return (
            "X lets programs answer only posts that mention us or quote us, and this one doesn't:"
            f" answer it in X itself, {link_to(post.id)}"
        )

    def _unfit(self) -> str:
        if self.way not in _WAYS or (self.way and self.asked.private):
            return f"X has no way of answering that is called '{self.way}'"
        if not self.text.strip():
            return "nothing is written yet"
        number = len(self.parts)
        if not self.asked.private and (self._endless or number > POSTS_MOST):
            return f"it is too long even for a thread, which has {POSTS_MOST} posts at the most"
        excess = self.length - self.most
        return self._too_long(excess) if number == 1 and excess > 0 else ""

    def _too_long(self, excess: int) -> str:
        over = f"it is {excess:,} character{'s' * (excess != 1)} too long"
        if self.asked.private:
            return f"{over}: a direct message has {self.most:,} at the most"
        return (
            f"{over} for one post (X counts {self.length:,} of {self.most:,}): send it as a thread"
        )

    def cost(self) -> str:
        """What it costs where that is out of the ordinary: "$0.20 for its link"."""
        return "" if self.asked.private else _cost(self.parts, self.settings)


def _cost(parts: Sequence[str], settings: TwitterSettings) -> str:
    prices, links = settings.prices, sum(map(has_link, parts))
    if len(parts) == 1:
        return f"{_dollars(prices.link)} for its link" if links else ""
    dollars = links * prices.link + (len(parts) - links) * prices.answer
    linked = f", {links} with a link" if links else ""
    return f"{_dollars(dollars)} for {len(parts)} posts{linked}"


def _dollars(price: float) -> str:
    """To the cent, or to the tenth of one where there is any."""
    return f"${price:.3f}".removesuffix("0")
