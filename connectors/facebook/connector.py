"""One page as the desk sees it: polled over the Graph API, answered by comment and by message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connectors._poll_limit import PollLimit
from connectors.facebook.answering import answer_to
from connectors.facebook.checking import check
from connectors.facebook.failures import GraphFailure, for_barred, for_poll
from connectors.facebook.graph import Graph
from connectors.facebook.parsing import Reader
from connectors.facebook.place import Place
from connectors.facebook.polling import Poll
from connectors.facebook.settings import FacebookSettings
from monitor.checked import Checked
from monitor.connector import Batch, HandOver, Surroundings
from monitor.message import OutgoingReply, Sent


class FacebookConnector:
    """The page behind one account's settings."""

    def __init__(self, settings: FacebookSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._limit = PollLimit(settings, settings.timeout, surroundings.clock)
        self._graph: Graph | None = None

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        """What is new on the page; see `monitor.connector.Connector`.

        RateLimited at the end, when all that came in is given away, where Facebook says that
        its limit is near: that is how polling slows down before it is reached.
        """
        with self._limit.running():
            yield from self._polled(cursor, since)

    def _polled(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        graph, place = self._speaking(), Place.at(cursor, since)
        poll = Poll(graph, self._settings, Reader(self._settings.page, self._clock()), place)
        try:
            for batch in poll.batches():
                cursor = batch.cursor
                yield batch
        except GraphFailure as error:
            raise for_poll(error) from None
        if place.cursor != cursor:
            yield Batch((), place.cursor, 0)
        if poll.barred:
            every = self._settings.every.total_seconds()
            raise for_barred(poll.barred, None if poll.sees_nothing else every)
        graph.usage.check()

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        """Answer where the customer wrote."""
        answer = answer_to(reply, self._speaking(), self._settings, self._clock())
        return answer.send(hand_over)

    def check(self, cursor: str | None = None) -> Checked:
        """Whose the token is, and what it allows; see `Checkable`."""
        return check(self._settings, self._speaking(), self._clock())

    def close(self) -> None:
        """Hang up."""
        if self._graph:
            self._graph.close()
            self._graph = None

    def _speaking(self) -> Graph:
        if self._graph is None:
            self._graph = Graph(self._settings, self._limit.left)
        return self._graph
