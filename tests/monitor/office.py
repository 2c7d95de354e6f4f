"""A desk, an outbox and a platform over one store: what tests of the store work with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from monitor.connector import Batch, HandOver
from monitor.decision import Decision
from monitor.desk import Desk
from monitor.message import Conversation, IncomingMessage, OutgoingReply, SendState, Sent
from monitor.outbox import Outbox
from monitor.policy import Policy
from monitor.store import Store
from monitor.store.accounts import PollLease
from monitor.store.lists import View
from tests.fakes import LEASE, FakeClock, message, take_in

EVERYTHING = View(state=None)


def nothing() -> None:
    """What a platform does between times, mostly."""


class Platform:
    """Takes answers; `before` and `after` the hand-over it does, or raises, what a test wants."""

    def __init__(self) -> None:
        self.taken: list[OutgoingReply] = []
        self.before: Callable[[], None] = nothing
        self.after: Callable[[], None] = nothing

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        return iter(())

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        self.before()
        name = f"<{reply.key}@desk.test>"
        hand_over(name)
        self.taken.append(reply)
        self.after()
        return Sent(name)

    def close(self) -> None:
        return None


class Office:
    """Everything between a customer's message and the answer's verdict, on one account."""

    def __init__(self, store: Store, clock: FakeClock, account: str = "support") -> None:
        self.store = store
        self.clock = clock
        self.account = account
        self.desk = Desk(store, clock, {account: timedelta(minutes=1)})
        self.platform = Platform()
        self.outbox = Outbox(store, {account: lambda: self.platform}, clock)

    def receive(self, *messages: IncomingMessage, using: Policy | None = None) -> list[Decision]:
        return take_in(self.store, messages, self.clock(), self.account, using)

    def conversation(self, number: int | None = None) -> Conversation:
        """That one, or the only one there is."""
        if number is not None:
            return self.desk.find(number)
        (there,) = self.store.lists.page(EVERYTHING)
        return there

    def answered_by(self, who: str = "ann", text: str = "an answer") -> int:
        """Write an answer to the only conversation; the outbox's number for it."""
        return self.desk.reply(self.conversation().id, who, text, seen=None)

    def one_queued(self) -> int:
        """A customer's message, and an answer to it that is ready to go."""
        self.receive(message(1, self.clock()))
        return self.answered_by()

    def fate(self, answer: int) -> SendState:
        return self.desk.answer(answer).state


def raiser(error: Exception) -> Callable[[], None]:
    """Something that raises."""

    def fail() -> None:
        raise error

    return fail


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    return int(store.database.read(f"SELECT count(*) FROM {table}")[0][0])


def raw_sql(store: Store, sql: str, **params: Any) -> None:
    """Change the database behind the store's back."""
    with store.database.write() as tx:
        tx.run(sql, params)


def lease_poll(store: Store, now: datetime, owner: str = "test") -> PollLease:
    """The right to poll the account `support`."""
    store.accounts.ensure({"support": "email"}, now)
    lease = store.accounts.lease(store.accounts.ids()["support"], owner, now, LEASE, None)
    assert lease is not None
    return lease


def killed_owner() -> str:
    """The name on the leases of a process that was killed."""
    script = "from monitor.process import owner; print(owner(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        process.kill()
    return name
