"""One poll of a page: its posts, what is new under them, and what came in on Messenger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connectors._http import NoAnswer
from connectors.facebook.attachments import revision
from connectors.facebook.changes import CONVERSATION, Changes, Look
from connectors.facebook.failures import GraphFailure, Kind
from connectors.facebook.graph import Graph
from connectors.facebook.lists import (
    comment_count,
    comments_since,
    down_to,
    oldest_below,
    reach_of,
    unless_gone,
)
from connectors.facebook.parsing import Reader
from connectors.facebook.place import UNREAD, Place, Read
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.sources import Sources
from connectors.facebook.values import (
    Node,
    child,
    chunks,
    data,
    is_young,
    nodes,
    seconds,
    text,
)
from connectors.facebook.watched import Watched, added, seen
from connectors.facebook.ways import POST, TAG
from monitor.clock import EPOCH
from monitor.connector import BATCH_MOST, Batch
from monitor.message import IncomingMessage

_OLDER = "[what was written before this is shown by Facebook on its own site only]"
_KINDS = {"published_posts": "", "visitor_posts": POST, "tagged": TAG}
_APART = 24 * 3600
_LOOK_BELOW = 50.0
"""Percent of the limit; above it nothing is asked for only to see whether it has changed."""


class Poll:
    """Goes over a page's sources once; `place` moves along with what was given away."""

    def __init__(
        self, graph: Graph, settings: FacebookSettings, reader: Reader, place: Place
    ) -> None:
        self._graph = graph
        self._reader = reader
        self._place = place
        self._sources = Sources(graph, settings)
        self._changes = Changes(graph, reader)
        self._now = int((reader.now - EPOCH).total_seconds())
        self._oldest_post = self._now - int(settings.posts.total_seconds())
        self._looks_at = ""
        self.barred: dict[str, GraphFailure] = {}

    def batches(self) -> Iterator[Batch]:
        """Everything new; at the end `place` may be further on than the last batch's cursor.

        `barred` holds the sources then that the token may not read: the others are read all the
        same.
        """
        yield from self._together()
        found: dict[str, Node] = {}
        for edge in filter(_KINDS.__contains__, self._sources.on):
            yield from self._as_allowed(edge, self._listed(edge, found))
        if not self.barred:
            yield from self._vanished(found)
        self._forget_all_but(found)
        self._looks_at = self._next_look(found)
        for post in found.values():
            # Under visitors' posts too, whatever is switched off: colleagues answer there.
            yield from self._as_allowed("comments", self._comments(post))
        if "conversations" in self._sources.on:
            yield from self._as_allowed("conversations", self._conversations())

    @property
    def sees_nothing(self) -> bool:
        """Whether the token may read none of the sources."""
        return self.barred.keys() >= set(self._sources.on)

    def _together(self) -> Iterator[Batch]:
        """Ask for all lists at once; where that brings nothing, not again for a while."""
        if self._now < self._place.apart:
            return
        try:
            taken = self._sources.together()
        except NoAnswer:
            self._place.apart = self._now + _APART
            yield Batch((), self._place.cursor, 0)
            raise
        if not taken:
            self._place.apart = self._now + _APART

    def _as_allowed(self, source: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        try:
            yield from batches
        except GraphFailure as error:
            if error.kind is not Kind.PERMISSION:
                raise
            self.barred[source] = error

    def _listed(self, edge: str, found: dict[str, Node]) -> Iterator[Batch]:
        for page in self._posts(edge):
            found |= {text(post, "id"): post for post in page}
            yield from self._new_posts(page, _KINDS[edge])

    def _posts(self, edge: str) -> Iterator[list[Node]]:
        """Newest first, down to those under which nothing is looked for any more."""
        for page in self._sources.pages(edge):
            young = [p for p in page if is_young(p, self._oldest_post)]
            yield [p for p in young if text(p, "id")]
            if len(young) < len(page):
                return

    def _new_posts(self, page: Sequence[Node], kind: str) -> Iterator[Batch]:
        """Those of customers that are new or have other words now."""
        known = self._place.posts
        unknown = [
            p for p in page
            if text(p, "id") not in known and (not kind or is_young(p, self._place.since))
        ]  # fmt: skip
        after = self._place.with_posts({text(p, "id"): UNREAD for p in unknown})
        if kind:
            given = [*unknown, *(p for p in page if self._has_changed(p))]
            after.watched = self._with_posts_watched(given)
            yield from self._given((self._reader.post(p, kind) for p in given), after)
        self._place.take(after)

    def _has_changed(self, post: Node) -> bool:
        name = text(post, "id")
        before = self._place.watched.get(name, {}).get(name)
        return before is not None and revision(post) not in ("", before.revision)

    def _with_posts_watched(self, posts: Iterable[Node]) -> Watched:
        watched = self._place.watched
        for name, one in seen(filter(self._reader.is_customers, posts), self._now).items():
            watched = added(watched, name, {**watched.get(name, {}), name: one}, self._now)
        return watched

    def _vanished(self, found: Iterable[str]) -> Iterator[Batch]:
        """Posts that are listed no more, and what stood under them."""
        there = set(found)
        for where, texts in self._place.watched.items():
            if where in there or where.startswith(CONVERSATION):
                continue
            gone = self._changes.gone_with(where, texts)
            watched = added(self._place.watched, where, gone.left, self._now)
            after = replace(self._place, watched=watched)
            yield from self._given(gone.messages, after)
            self._place.take(after)

    def _forget_all_but(self, found: Iterable[str]) -> None:
        kept = set(found)
        self._place.posts = {k: v for k, v in self._place.posts.items() if k in kept}

    def _next_look(self, found: Iterable[str]) -> str:
        """The post whose comments are read again, though its figures are as they were.

        Facebook counts no edit: one post a poll, that whose last look is the longest ago.
        """
        if self._graph.usage.percent >= _LOOK_BELOW:
            return ""
        there = set(found)
        return next((
            where for where, texts in self._place.watched.items()
            if where in there and set(texts) != {where}
        ), "")  # fmt: skip

    def _comments(self, post: Node) -> Iterator[Batch]:
        """What is new or changed under a post; none is asked for where nothing hints at it."""
        name = text(post, "id")
        before = self._place.posts.get(name, UNREAD)
        now = Read(comment_count(post), seconds(post, "updated_time"), before.newest)
        if now != before:
            look = self._news(name, now.comments, all_watched=now.comments < before.comments)
        elif name == self._looks_at:
            look = self._second_look(name)
        else:
            return
        newest = self._newest(now.newest, look.given)
        after = replace(
            self._place.with_posts({name: now._replace(newest=newest)}),
            watched=added(self._place.watched, name, look.watched, self._now),
        )
        read = (self._reader.comment(c, post) for c in look.given)
        yield from self._given([*read, *look.gone], after)
        self._place.take(after)

    def _news(self, post: str, count: int, *, all_watched: bool) -> Look:
        """Comments since the last ones; further back where some must have gone."""
        texts = self._place.watched.get(post, {})
        floor = reach = self._place.comments_floor(post)
        if all_watched:
            reach = oldest_below(post, texts, floor)
        there: list[Node] = []
        with unless_gone():
            if count:
                pages = self._graph.pages(f"{post}/comments", **comments_since(reach))
                there = down_to(reach, pages)
        return self._changes.look(post, texts, there, floor, reach)

    def _second_look(self, post: str) -> Look:
        """One page of what is watched there, for nothing but what has changed."""
        texts = self._place.watched.get(post, {})
        reach = oldest_below(post, texts, self._now)
        page: Node = {}
        with unless_gone():
            page = self._graph.page(f"{post}/comments", comments_since(reach))
        there = nodes(page.get("data"))
        if text(child(page, "paging"), "next"):
            reach = max(reach, reach_of(there))
        return self._changes.look(post, texts, there, None, reach)

    def _conversations(self) -> Iterator[Batch]:
        """Conversations with news; the place moves on only when all of them were read."""
        floor, newest = self._place.messages_floor, self._place.messages
        for page in self._sources.pages("conversations"):
            after = replace(self._place)
            found = [m for c in page for m in self._messages(c, floor, after)]
            found.sort(key=lambda m: m.at)
            newest = self._newest(newest, page, "updated_time")
            yield from self._given(found, after)
            self._place.take(after)
            if any(seconds(c, "updated_time") < floor for c in page):
                break
        self._place.messages = newest

    def _newest(self, known: int, nodes: Iterable[Node], field: str = "created_time") -> int:
        """The latest of their moments, but none to come: what follows would count as old."""
        return max(known, *(min(seconds(node, field), self._now) for node in nodes), 0)

    def _messages(self, thread: Node, floor: int, after: Place) -> list[IncomingMessage]:
        """What is new, changed or gone in it; `after` is told what is watched there from now on.

        Facebook shows no words of more than a conversation's newest twenty messages.
        """
        name = text(thread, "id")
        texts = after.watched.get(name, {})
        updated = seconds(thread, "updated_time") >= floor
        if not name or not (updated or texts):
            return []
        there = down_to(0, iter([data(thread, "messages")]))
        more = bool(text(child(child(thread, "messages"), "paging"), "next"))
        reach = reach_of(there) if more else 0
        look = self._changes.look(name, texts, there, floor if updated else None, reach)
        if look.watched != texts:
            after.watched = added(after.watched, name, look.watched, self._now)
        return self._read(thread, there, look.given, more) + look.gone

    def _read(
        self, thread: Node, there: Sequence[Node], given: Sequence[Node], more: bool
    ) -> list[IncomingMessage]:
        read, answered, wanted = [], "", {text(m, "id") for m in given}
        for message in there:
            if text(message, "id") in wanted:
                read.append(self._reader.message(message, thread, answered))
            if not self._reader.is_customers(message):
                answered = text(message, "id")
        if more and read and len(given) == len(there):
            read[0] = replace(read[0], text=f"{_OLDER}\n\n{read[0].text}")
        return read

    def _given(self, messages: Iterable[IncomingMessage | None], after: Place) -> Iterator[Batch]:
        """Batches of them; the last one's cursor is the place after all of them."""
        items = [m for m in messages if m is not None and m.ext_id]
        parts = list(chunks(items, BATCH_MOST))
        for at, part in enumerate(parts, 1):
            place = after if at == len(parts) else self._place
            yield Batch(tuple(part), place.cursor, len(part))
