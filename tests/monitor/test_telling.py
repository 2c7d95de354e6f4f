"""The log in words: who did what, when, and until when."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from monitor.clock import micros
from monitor.message import Event
from monitor.telling import told
from tests.fakes import START

LATER = micros(START + timedelta(hours=1))


def event(kind: str, who: str = "ann", changes: Any = None, detail: Any = None) -> Event:
    return Event(1, 1, START, who, kind, changes or {}, detail or {})


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (event("claimed", changes={"claim_until": LATER}), "claimed by ann until Fri 20 Nov 10:00"),
        (event("snoozed", "al", {"snooze_until": LATER}), "snoozed by al until Fri 20 Nov 10:00"),
        (event("lapsed", "clock"), "the claim lapsed"),
        (
            event("received", "intake", {"reply_by": LATER}, {"rule": 2}),
            "the customer wrote; due Fri 20 Nov 10:00, rule 2",
        ),
        (event("tagged", changes={"tags": '["vip","late"]'}), "tagged by ann: vip, late"),
        (event("tagged", changes={"tags": "[]"}), "tagged by ann: no tags"),
        (event("answered", "outbox", {"state": 3}, {"author": "bob"}), "answer by bob sent"),
        (
            event("answered", "outbox", {"state": 0}, {"author": "bob"}),
            "answer by bob sent; more is left to answer",
        ),
        (event("answered outside", "intake", None, {"who": "Eve"}), "answered outside by Eve"),
        (event("closed", detail={"reason": "spam"}), "closed without an answer by ann: spam"),
        (event("of tomorrow", detail={"why": "new"}), "of tomorrow by ann (why new)"),
    ],
)  # fmt: skip
def test_an_event_is_told_in_words(happened: Event, words: str) -> None:
    assert told(happened, UTC) == f"Fri 20 Nov 09:00  {words}"


def test_hostile_words_in_the_log_are_cleaned() -> None:
    said = told(event("closed", "\x1b[31meve", None, {"reason": "a\nb\x9b2J"}), UTC)
    assert said.isprintable()
