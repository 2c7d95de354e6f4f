"""The lists with which every poll of a page begins: all in one call where Facebook takes that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.facebook.failures import GraphFailure, Kind
from connectors.facebook.graph import Graph
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.values import Node, child

POST_FIELDS = (
    "id,from,message,story,created_time,updated_time,permalink_url,attachments,"
    "comments.filter(stream).limit(0).summary(total_count)"
)
COMMENT_FIELDS = (
    "id,from,message,message_tags,created_time,permalink_url,parent{id,from},attachment,"
    "is_hidden,can_comment,can_reply_privately"
)
MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,sticker,shares"
CONVERSATION_FIELDS = f"id,updated_time,link,participants,messages.limit(20){{{MESSAGE_FIELDS}}}"

_POSTS = {"fields": POST_FIELDS, "limit": "100"}
_EDGES: Mapping[str, dict[str, str]] = {
    "published_posts": _POSTS,
    "visitor_posts": _POSTS,
    "tagged": _POSTS,
    "conversations": {"fields": CONVERSATION_FIELDS, "platform": "messenger", "limit": "50"},
}
# Where it is too much, Facebook may also say no more than that something went wrong.
_NOT_TOGETHER = (Kind.TOO_MUCH, Kind.PERMISSION, Kind.OTHER, Kind.TRANSIENT)


class Sources:
    """The edges of one page that are switched on, page by page."""

    def __init__(self, graph: Graph, settings: FacebookSettings) -> None:
        self._graph = graph
        self._page = settings.page
        switches = {
            "published_posts": settings.comments,
            "visitor_posts": settings.visitor_posts,
            "tagged": settings.tags,
            "conversations": settings.messages,
        }
        self.on = [edge for edge, switch in switches.items() if switch]
        self._first: Node | None = None

    def together(self) -> bool:
        """Ask for the first page of each in one call; False where that can't be had.

        Field expansion is one call to the limits, as a batch is not; but one source that is barred
        bars them all, and it may be too much data.
        """
        if len(self.on) < 2:
            return True
        try:
            self._first = self._graph.get(self._page, fields=",".join(map(_expanded, self.on)))
        except GraphFailure as error:
            if error.kind not in _NOT_TOGETHER:
                raise
            return False
        return True

    def pages(self, edge: str) -> Iterator[list[Node]]:
        """An edge to its end."""
        name, args = f"{self._page}/{edge}", _EDGES[edge]
        if self._first is None:
            return self._graph.pages(name, **args)
        return self._graph.following(child(self._first, edge), name, args)


def _expanded(edge: str) -> str:
    """`tagged.limit(100){id,from}`."""
    args = dict(_EDGES[edge])
    fields = args.pop("fields")
    return edge + "".join(f".{k}({v})" for k, v in args.items()) + f"{{{fields}}}"
