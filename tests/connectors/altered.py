"""A real connector, but for what it does with an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from monitor.connector import Batch, Connector, HandOver
from monitor.message import OutgoingReply, Sent

Send = Callable[[Connector, OutgoingReply, HandOver], Sent]
"""Sends an answer by the real connector, or does something else."""


class Altered:
    """Polls as the connector `inner` does, and answers as `send` does."""

    def __init__(self, inner: Connector, send: Send) -> None:
        self._inner = inner
        self._send = send

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        return self._inner.poll(cursor, since)

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        return self._send(self._inner, reply, hand_over)

    def close(self) -> None:
        self._inner.close()
