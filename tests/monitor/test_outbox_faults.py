"""A fault of ours in a connector: what is known not to have left is not called unsure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from monitor.connector import Batch, HandOver
from monitor.message import OutgoingReply, SendState, Sent
from monitor.outbox import Outbox
from monitor.store import open_store
from tests.fakes import START, FakeClock, message, take_in


class Faulty:
    """Breaks before it hands over, or after."""

    def __init__(self, hands_over: bool) -> None:
        self._hands_over = hands_over

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        return iter(())

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        if self._hands_over:
            hand_over("<1@desk.test>")
        raise UnicodeError("a fault")

    def close(self) -> None:
        pass


def outcome(folder: Path, clock: FakeClock, hands_over: bool) -> SendState:
    store = open_store(f"sqlite:///{folder}/replyby.db", START)
    try:
        take_in(store, [message(1)])
        number = store.outgoing.queue(1, "ann", "answer", START, seen=None)
        Outbox(store, {"support": lambda: Faulty(hands_over)}, clock).deliver()
        return store.outgoing.entry(number).state
    finally:
        store.close()


def test_a_fault_after_the_hand_over_is_unsure(tmp_path: Path, clock: FakeClock) -> None:
    assert outcome(tmp_path, clock, hands_over=True) is SendState.UNSURE


def test_a_fault_before_the_hand_over_is_not_unsure(tmp_path: Path, clock: FakeClock) -> None:
    assert outcome(tmp_path, clock, hands_over=False) is not SendState.UNSURE
