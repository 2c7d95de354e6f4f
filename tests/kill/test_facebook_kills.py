"""Processes that poll and answer a Facebook page, killed at random while calls are cut as well."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.message import SendState
from tests.kill.facebook_desk import PageDesk, open_page_desk
from tests.kill.test_kills import KILLS, SEED, NewUrl, Say, say
from tests.servers.process import wait_until

__all__ = ["say"]

pytestmark = pytest.mark.kill

SHARE = max(1, KILLS // 2)
MOST_UNDER_WAY = 6


@pytest.fixture
def desk(new_url: NewUrl, tmp_path: Path) -> Iterator[PageDesk]:
    with open_page_desk(tmp_path, new_url()) as opened:
        yield opened


def people_answer(desk: PageDesk) -> None:
    """Answer until so many are on their way, or nobody waits."""
    waiting = desk.conversations("state = 0 AND send_state IS NULL")
    theirs = [(t, n) for t, n in waiting.items() if t not in desk.deleted]
    for token, number in theirs[:MOST_UNDER_WAY]:
        desk.answer(token, number)


def some_change_their_mind(desk: PageDesk, chance: random.Random) -> None:
    """One of the latest comments is edited, or goes away if nobody is answering it."""
    waiting = desk.conversations("state = 0 AND send_state IS NULL")
    latest = [t for t in desk.comments if t in waiting and t not in desk.deleted | desk.edited]
    if latest:
        desk.customer_changes_their_mind(latest[-1], deletes=chance.random() < 0.3)


def killed(desk: PageDesk, chance: random.Random) -> bool:
    """A process that polls and sends, killed somewhere, with one write or two cut on the way."""
    desk.server.troubles.cut_after_write = chance.choice((0, 0, 1, 2))
    desk.server.troubles.cut_from_then = chance.random() < 0.2
    before = len(desk.server.asked)
    process = desk.start("poll", "--quiet")
    if chance.random() < 0.9:  # else it dies while it starts
        wait_until(lambda: len(desk.server.asked) > before or process.ended(), "a call", 90)
    died = process.lives_for(chance.uniform(0, 0.4)) and process.kill()
    desk.server.troubles.mend()
    return died


def left_alone(desk: PageDesk) -> None:
    """Polls after the pauses that failed tries have to make, until what went away is proven."""
    for _ in range(2 + len(desk.deleted) // 5):
        with desk.store() as store, store.database.write() as tx:
            tx.run("UPDATE outbox SET next_try = queued_at WHERE state = 'queued'", {})
        desk.start("poll", "--quiet").end()


def test_no_answer_on_facebook_is_lost_or_doubled_by_kills_and_cuts(
    desk: PageDesk, say: Say
) -> None:
    chance, kills = random.Random(SEED), 0
    while kills < SHARE:
        for _ in range(chance.randrange(4)):
            desk.customer_writes()
        if chance.random() < 0.4:
            some_change_their_mind(desk, chance)
        people_answer(desk)
        kills += killed(desk, chance)
    left_alone(desk)
    unsure = desk.settled_truthfully()
    left_alone(desk)
    rows = desk.rows("SELECT author_name FROM message WHERE direction = 0")
    desk.log_tells_the_same()
    assert Counter(str(row[0]) for row in rows) == Counter(desk.tokens)
    answered = desk.conversations("id IN (SELECT conversation_id FROM outbox)")
    assert {token: n for token in answered if (n := desk.arrived(token)) != 1} == {}
    assert set(desk.send_states()) <= {SendState.SENT, SendState.FAILED}
    edited, deleted = desk.noticed()
    assert (edited, deleted) == (desk.edited, desk.deleted)
    say(f"facebook: {kills} kills, {len(desk.tokens)} customers, {len(answered)} answered")
    say(f"{len(desk.edited)} edited, {len(desk.deleted)} taken back")
    say(f"unsure: {unsure[True]} had arrived, {unsure[False]} had not")
