"""One poll of a page: its posts, what is new under them, and what came in on Messenger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connectors.facebook.failures import GraphFailure, Kind
from connectors.facebook.graph import Graph
from connectors.facebook.parsing import POST, TAG, Reader
from connectors.facebook.place import UNREAD, Place, Read
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.values import Node, child, chunks, data, moment, number, seconds, text
from monitor.clock import EPOCH
from monitor.connector import BATCH_MOST, Batch
from monitor.message import IncomingMessage

POST_FIELDS = (
    "id,from,message,story,created_time,updated_time,permalink_url,attachments,"
    "comments.filter(stream).limit(0).summary(total_count)"
)
COMMENT_FIELDS = (
    "id,from,message,message_tags,created_time,permalink_url,parent{id,from},attachment,"
    "is_hidden,can_comment"
)
MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,sticker,shares"
CONVERSATION_FIELDS = f"id,updated_time,link,participants,messages.limit(20){{{MESSAGE_FIELDS}}}"
_OLDER = "[what was written before this is shown by Facebook on its own site only]"
_POSTS_A_PAGE, _COMMENTS_A_PAGE, _CONVERSATIONS_A_PAGE = "100", "100", "50"


class Poll:
    """Goes over a page's sources once; `place` moves along with what was given away."""

    def __init__(
        self, graph: Graph, settings: FacebookSettings, reader: Reader, place: Place
    ) -> None:
        self._graph = graph
        self._settings = settings
        self._reader = reader
        self._place = place
        self._now = int((reader.now - EPOCH).total_seconds())
        self._oldest_post = self._now - int(settings.posts.total_seconds())
        self.barred: dict[str, GraphFailure] = {}

    def batches(self) -> Iterator[Batch]:
        """Everything new; at the end `place` may be further on than the last batch's cursor.

        `barred` holds the sources then that the token may not read: the others are read all the
        same.
        """
        found: dict[str, Node] = {}
        for edge, kind in self._post_edges():
            yield from self._as_allowed(edge, self._listed(edge, kind, found))
        self._forget_all_but(found)
        for post in found.values():
            # Under visitors' posts too, whatever is switched off: colleagues answer there.
            yield from self._as_allowed("comments", self._comments(post))
        if self._settings.messages:
            yield from self._as_allowed("conversations", self._conversations())

    def _as_allowed(self, source: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        try:
            yield from batches
        except GraphFailure as error:
            if error.kind is not Kind.PERMISSION:
                raise
            self.barred[source] = error

    def _post_edges(self) -> Iterator[tuple[str, str]]:
        if self._settings.comments:
            yield "published_posts", ""
        if self._settings.visitor_posts:
            yield "visitor_posts", POST
        if self._settings.tags:
            yield "tagged", TAG

    def _listed(self, edge: str, kind: str, found: dict[str, Node]) -> Iterator[Batch]:
        for page in self._posts(edge):
            found |= {text(post, "id"): post for post in page}
            yield from self._new_posts(page, kind)

    def _posts(self, edge: str) -> Iterator[list[Node]]:
        """Newest first, down to those under which nothing is looked for any more."""
        name = f"{self._settings.page}/{edge}"
        for page in self._graph.pages(name, fields=POST_FIELDS, limit=_POSTS_A_PAGE):
            young = [p for p in page if _young(p, self._oldest_post)]
            yield [p for p in young if text(p, "id")]
            if len(young) < len(page):
                return

    def _new_posts(self, page: Sequence[Node], kind: str) -> Iterator[Batch]:
        unknown = [
            p for p in page
            if text(p, "id") not in self._place.posts
            and (not kind or _young(p, self._place.since))
        ]  # fmt: skip
        after = self._place.with_posts({text(p, "id"): UNREAD for p in unknown})
        if kind:
            yield from self._given((self._reader.post(p, kind) for p in unknown), after)
        self._place.posts = after.posts

    def _forget_all_but(self, found: Iterable[str]) -> None:
        kept = set(found)
        self._place.posts = {k: v for k, v in self._place.posts.items() if k in kept}

    def _comments(self, post: Node) -> Iterator[Batch]:
        """What is new under a post; none is asked for where its figures are as they were."""
        name = text(post, "id")
        before = self._place.posts.get(name, UNREAD)
        now = Read(_comment_count(post), seconds(post, "updated_time"), before.newest)
        if now == before:
            return
        try:
            new = self._new_comments(name) if now.comments else []
        except GraphFailure as error:
            if error.kind is not Kind.GONE:
                raise
            new = []  # deleted since it was listed
        newest = self._newest(now.newest, new)
        after = self._place.with_posts({name: now._replace(newest=newest)})
        yield from self._given((self._reader.comment(c, post) for c in new), after)
        self._place.posts = after.posts

    def _new_comments(self, post: str) -> list[Node]:
        floor = self._place.comments_floor(post)
        pages = self._graph.pages(
            f"{post}/comments", fields=COMMENT_FIELDS, limit=_COMMENTS_A_PAGE, filter="stream",
            order="reverse_chronological", since=str(floor),
        )  # fmt: skip
        return _down_to(floor, pages)

    def _conversations(self) -> Iterator[Batch]:
        """Conversations with news; the place moves on only when all of them were read."""
        floor, newest = self._place.messages_floor, self._place.messages
        pages = self._graph.pages(
            f"{self._settings.page}/conversations", platform="messenger",
            fields=CONVERSATION_FIELDS, limit=_CONVERSATIONS_A_PAGE,
        )  # fmt: skip
        for page in pages:
            found = [m for conversation in page for m in self._messages(conversation, floor)]
            found.sort(key=lambda m: m.at)
            newest = self._newest(newest, page, "updated_time")
            yield from self._given(found, self._place)
            if any(seconds(c, "updated_time") < floor for c in page):
                break
        self._place.messages = newest

    def _newest(self, known: int, nodes: Iterable[Node], field: str = "created_time") -> int:
        """The latest of their moments, but none to come: what follows would count as old."""
        return max(known, *(min(seconds(node, field), self._now) for node in nodes), 0)

    def _messages(self, conversation: Node, floor: int) -> list[IncomingMessage]:
        """What is new in it; Facebook shows no words of more than its newest twenty messages."""
        if seconds(conversation, "updated_time") < floor or not text(conversation, "id"):
            return []
        new = _down_to(floor, iter([data(conversation, "messages")]))
        read = [self._reader.message(m, conversation) for m in new]
        more = child(child(conversation, "messages"), "paging").get("next")
        if more and read and len(new) == len(data(conversation, "messages")):
            read[0] = replace(read[0], text=f"{_OLDER}\n\n{read[0].text}")
        return read

    def _given(self, messages: Iterable[IncomingMessage | None], after: Place) -> Iterator[Batch]:
        """Batches of them; the last one's cursor is the place after all of them."""
        items = [m for m in messages if m is not None and m.ext_id]
        parts = list(chunks(items, BATCH_MOST))
        for at, part in enumerate(parts, 1):
            place = after if at == len(parts) else self._place
            yield Batch(tuple(part), place.cursor, len(part))


def _comment_count(post: Node) -> int:
    return number(child(child(post, "comments"), "summary"), "total_count")


def _down_to(floor: int, pages: Iterator[list[Node]]) -> list[Node]:
    """What is not older than the floor, oldest first; pages come newest first."""
    found: list[Node] = []
    for page in pages:
        young = [node for node in page if _young(node, floor)]
        found += young
        if len(young) < len(page):
            break
    return sorted(found, key=lambda node: seconds(node, "created_time"))


def _young(node: Node, floor: int) -> bool:
    """Whether it is not older; what has no time that can be read counts, and is kept aside."""
    return moment(node, "created_time") is None or seconds(node, "created_time") >= floor
