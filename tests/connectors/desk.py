"""One account of a channel on a real store, with the poller and the outbox at it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Self

import pytest

from monitor.connector import Connector
from monitor.errors import ConnectorError
from monitor.message import Conversation, Direction, IncomingMessage, OutgoingReply, SendState, Sent
from monitor.outbox import Outbox
from monitor.poller import Pass, Polled, Poller
from monitor.store import Store, open_store
from monitor.store.lists import View
from tests.fakes import START, FakeClock, policy

SINCE = timedelta(days=7)


class Killed(BaseException):
    """Ends a poll where it stands, as a signal would."""


@cache
def _empty_database() -> bytes:
    """The newest schema: copying it is far quicker than making it."""
    with tempfile.TemporaryDirectory() as folder:
        open_store(f"sqlite:///{folder}/empty.db", START).close()
        return Path(folder, "empty.db").read_bytes()


class Desk:
    """One account on a real store, with the poller and the outbox at it; a context manager."""

    def __init__(
        self, folder: Path, connect: Callable[[], Connector], clock: FakeClock | None = None
    ) -> None:
        self.clock = clock or FakeClock()
        (folder / "desk.db").write_bytes(_empty_database())
        self.store: Store = open_store(f"sqlite:///{folder}/desk.db", START)
        self.store.accounts.ensure({"support": "email"}, START)
        self._connect = connect
        self.account = Polled(
            self.store.accounts.ids()["support"],
            "support",
            timedelta(minutes=1),
            SINCE,
            policy(),
            connect,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.store.close()

    def poll(self, kill_after: int | None = None) -> Pass:
        """One pass; one that is to be killed must live until after that batch."""
        if kill_after is None:
            return Poller(self.store, self.clock).poll(self.account)
        batches = iter(range(1, kill_after + 1))

        def progress(done: Pass) -> None:
            if next(batches) == kill_after:
                raise Killed

        with pytest.raises(Killed):
            Poller(self.store, self.clock).poll(self.account, progress)
        # This process lives on, so that nobody can see that its poll has died.
        self.clock.forward(minutes=10)
        return Pass("killed")

    def polled(self) -> Pass:
        """One pass that goes well."""
        done = self.poll()
        assert (done.problem, done.skipped) == ("", False)
        return done

    def conversations(self) -> list[Conversation]:
        """All there are, by number."""
        return sorted(self.store.lists.page(View(state=None), 10_000), key=lambda c: c.id)

    def texts(self) -> Counter[str]:
        """How often the text of each received message is stored."""
        return Counter(
            message.text
            for conversation in self.conversations()
            for message in self.store.lists.messages(conversation.id)
            if message.direction is Direction.IN
        )

    def of(self, text: str) -> Conversation:
        """The conversation in which somebody wrote that."""
        return next(
            c
            for c in self.conversations()
            if any(m.text == text for m in self.store.lists.messages(c.id))
        )

    def queue(self, question: str, text: str) -> int:
        """Write an answer down; its number in the outbox."""
        number = self.of(question).id
        return self.store.outgoing.queue(number, "ann", text, self.clock(), seen=None)

    def reply(self, question: str, text: str) -> OutgoingReply:
        """An answer as the outbox gives it to a connector."""
        number = self.queue(question, text)
        reply = self.store.outgoing.lease("test", self.clock(), timedelta(hours=1), number)
        assert reply is not None
        return reply

    def send(self, question: str, text: str) -> SendState:
        """Answer through the outbox; what became of it."""
        number = self.queue(question, text)
        self.deliver()
        return self.store.outgoing.entry(number).state

    def deliver(self) -> int:
        """Send what is due."""
        return Outbox(self.store, {"support": self._connect}, self.clock).deliver()


class HandOver:
    """Remembers what it was told, and does what a test wants at that moment."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.told: list[str] = []
        self._then = then

    def __call__(self, ext_id: str) -> None:
        self.told.append(ext_id)
        self._then()


def read(connector: Connector, cursor: str | None) -> tuple[list[IncomingMessage], str]:
    """All that a poll brings, and the cursor after it."""
    batches = list(connector.poll(cursor, START - SINCE))
    connector.close()
    assert all(batch.listed == len(batch.messages) for batch in batches)
    return [m for batch in batches for m in batch.messages], batches[
        -1
    ].cursor if batches else cursor or ""


def questions(number: int) -> list[str]:
    return [f"question {n}" for n in range(number)]


def send(connector: Connector, reply: OutgoingReply, hand_over: HandOver) -> Sent:
    try:
        return connector.reply(reply, hand_over)
    finally:
        connector.close()


def refused(connector: Connector, reply: OutgoingReply) -> tuple[ConnectorError, int]:
    """Why it can't go out, and how often it was handed over."""
    hand_over = HandOver()
    with pytest.raises(ConnectorError) as caught:
        send(connector, reply, hand_over)
    return caught.value, len(hand_over.told)
