"""Real processes killed while they read X and answer there, with connections cut after writes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.twitter.thread import thread
from monitor.message import SendState
from tests.kill.test_kills import KILLS, SEED, Say, say, summed
from tests.kill.x_desk import XDesk, answer_to, open_x_desk

__all__ = ["say"]  # a fixture

pytestmark = pytest.mark.kill

SHARE = max(1, KILLS // 4)
READING = ("me", "mentions", "users", "tweets")
SENDING = ("looking", "publishing", "publishing", "going on", "going on")


def killed_at(desk: XDesk, step: str, delay: float) -> str:
    """Kill a poll a moment after X was asked for that; where it was then, "" at its own end."""
    process = desk.start("poll")
    reached = desk.steps.wait_for(step, process.ended)
    if reached and process.lives_for(delay) and process.kill():
        return desk.steps.last
    process.end()
    return ""


def test_polls_killed_at_random_lose_no_post_and_store_none_twice(
    new_url: Callable[[], str], tmp_path: Path, say: Say
) -> None:
    chance, kills = random.Random(SEED), Counter[str]()
    with open_x_desk(tmp_path, new_url()) as desk:
        while kills.total() < SHARE:
            # X lists 800 mentions at most: never more than that may wait for a poll that lives.
            desk.customers_write(chance.randrange(1, 15))
            phase = killed_at(desk, chance.choice(READING), chance.uniform(0, 0.1))
            kills += Counter([phase] if phase else [])
        desk.start("poll").end()
        desk.everything_is_stored_once()
    say(summed("reading X", kills))


def people_answer(desk: XDesk, most: int) -> None:
    """Write some answers down for those who wait."""
    waiting = desk.conversations("state = 0 AND send_state IS NULL")
    for token, number in list(waiting.items())[:most]:
        desk.answer(token, number)


def test_senders_killed_at_random_lose_no_answer_and_send_none_twice(
    new_url: Callable[[], str], tmp_path: Path, say: Say
) -> None:
    chance, kills, cuts = random.Random(SEED), Counter[str](), 0
    with open_x_desk(tmp_path, new_url()) as desk:
        desk.customers_write(SHARE * 4)
        desk.start("poll").end()
        while kills.total() < SHARE:
            people_answer(desk, 4)
            if chance.random() < 0.3:
                desk.server.faults.cut_writes, cuts = 1, cuts + 1
            phase = killed_at(desk, chance.choice(SENDING), chance.uniform(0, 0.03))
            kills += Counter([phase] if phase else [])
        desk.server.faults.mend()
        for _ in range(2):
            desk.start("poll").end()
        unsure = desk.settled_truthfully()
        for _ in range(2):
            desk.start("poll").end()
        answered = desk.conversations("id IN (SELECT conversation_id FROM outbox)")
        sent = {token: desk.answers(token) for token in answered}
        assert sent == {token: [thread(answer_to(token))] for token in answered}
        assert set(desk.send_states()) <= {SendState.SENT, SendState.FAILED}
        desk.log_tells_the_same()
    say(summed(f"answering {len(answered)} at X, {cuts} cut", kills))
    say(f"unsure: {unsure[True]} had arrived, {unsure[False]} had not")
