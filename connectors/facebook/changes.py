"""What became of texts that were read before: changed there, or gone for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.facebook.attachments import revision
from connectors.facebook.failures import GraphFailure, Kind
from connectors.facebook.graph import Graph
from connectors.facebook.parsing import Reader
from connectors.facebook.sources import COMMENT_FIELDS, MESSAGE_FIELDS, POST_FIELDS
from connectors.facebook.values import Node, is_young, text
from connectors.facebook.watched import Seen, Texts, missing, seen
from monitor.clock import EPOCH
from monitor.message import IncomingMessage

CONVERSATION = "t_"
"""What the ids of conversations begin with."""
_ASKED_MOST = 5


class Gone(NamedTuple):
    """What is gone, and the texts that are still to be watched."""

    messages: list[IncomingMessage]
    left: dict[str, Seen]


class Look(NamedTuple):
    """What is to be given away of a list, what is gone of it, and what is watched from now on."""

    given: list[Node]
    gone: list[IncomingMessage]
    watched: dict[str, Seen]


class Changes:
    """Of one poll, in which so many texts at most are asked for alone.

    A list that lacks a text is no proof, since Facebook lists late and hides; its word that there
    is no such object is.
    """

    def __init__(self, graph: Graph, reader: Reader) -> None:
        self._graph = graph
        self._reader = reader
        self._now = int((reader.now - EPOCH).total_seconds())
        self._left = _ASKED_MOST

    def look(
        self, where: str, texts: Texts, there: Sequence[Node], floor: int | None, reach: int
    ) -> Look:
        """What a list of a post or conversation tells, given the `texts` that are watched there.

        The list reaches back to `reach`; from `floor` on all of it is news, None for nothing.
        """
        below = {k: one for k, one in texts.items() if k != where}
        listed = {text(node, "id"): node for node in there}
        given = [node for node in there if self._is_news(node, below, floor)]
        gone = self._gone(where, below, listed, reach)
        kept = {k: one for k, one in texts.items() if k == where} | gone.left
        kept |= seen(filter(self._reader.is_customers, given), self._now)
        return Look(given, gone.messages, kept)

    @staticmethod
    def _is_news(node: Node, texts: Texts, floor: int | None) -> bool:
        before = texts.get(text(node, "id"))
        if before is None:
            return floor is not None and is_young(node, floor)
        return revision(node) not in ("", before.revision)

    def _gone(self, where: str, texts: Texts, listed: Mapping[str, Node], floor: int) -> Gone:
        messages, left = [], dict(texts)
        fields = MESSAGE_FIELDS if where.startswith(CONVERSATION) else COMMENT_FIELDS
        for name in missing(texts, listed, floor):
            gone = self._is_gone(name, fields)
            if gone is not None:
                del left[name]
            if gone:
                messages.append(self._reader.gone(name))
        return Gone(messages, left)

    def gone_with(self, post: str, texts: Texts) -> Gone:
        """A post is listed no more: if it is gone, so is all that stood under it."""
        gone = self._is_gone(post, POST_FIELDS)
        return Gone(
            [self._reader.gone(name) for name in texts] if gone else [],
            dict(texts) if gone is None else {},
        )

    def _is_gone(self, name: str, fields: str) -> bool | None:
        """None where too many have been asked for already; then it is found next time."""
        if not self._left:
            return None
        self._left -= 1
        try:
            return not revision(self._graph.get(name, fields=fields))
        except GraphFailure as error:
            if error.kind is Kind.GONE:
                return True
            if error.kind is Kind.PERMISSION:
                return False
            raise
