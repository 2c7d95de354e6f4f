"""Direct messages of X: read oldest first, answered privately, read back where nothing was said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.sandbox.x_world import Media, User
from connectors.twitter.channel import TwitterChannel
from connectors.twitter.messages import ONLY_IN_X, received
from connectors.twitter.rows import Person
from monitor.connector import Connector, Question
from monitor.errors import Refused, Unsure
from monitor.message import SendState
from tests.connectors.desk import SINCE, Desk, HandOver, questions, send
from tests.connectors.x_desk import OVERLOADED, XPlatform
from tests.connectors.x_fixtures import x as x
from tests.fakes import START, FakeClock


@pytest.fixture
def desk(x: XPlatform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with Desk(tmp_path, lambda: connected(x), clock) as desk:
        yield desk


def connected(x: XPlatform) -> Connector:
    """A connector that reads direct messages and nothing else."""
    return x.connect(direct_messages=True, mentions=False, watch_own=False)


@pytest.fixture
def mira(x: XPlatform, desk: Desk) -> User:
    """A customer who asked something privately."""
    mira = x.world.add_user("mira", "Mira")
    x.world.message(mira, x.acme, "my order?")
    desk.polled()
    return mira


def got(x: XPlatform, user: User) -> list[str]:
    """What was written to a user, oldest first."""
    return [m.text for m in reversed(x.world.messages_of(user)) if m.recipient == user]


def test_all_are_read_once(x: XPlatform, desk: Desk) -> None:
    for number, text in enumerate(questions(230)):
        at = START - timedelta(minutes=300 - number)
        x.world.message(x.customer(), x.acme, text, at)
    desk.polled()
    desk.polled()
    assert desk.texts() == Counter(questions(230))


def test_those_of_one_customer_are_one_conversation(x: XPlatform, desk: Desk, mira: User) -> None:
    desk.clock.forward(minutes=1)
    x.world.message(mira, x.acme, "and the bill < 5?")
    desk.polled()
    [conversation] = desk.conversations()
    assert (conversation.kind, conversation.customer_name) == ("direct message", "Mira @mira")
    assert desk.of("and the bill < 5?") == conversation


def test_an_answer_reaches_its_customer(x: XPlatform, desk: Desk, mira: User) -> None:
    assert desk.send("my order?", "It left today") is SendState.SENT
    assert got(x, mira) == ["It left today"]
    desk.clock.forward(minutes=5)
    desk.polled()
    assert [c.state.label for c in desk.conversations()] == ["answered"]


def test_a_colleagues_answer_in_x_itself_stops_the_clock(
    x: XPlatform, desk: Desk, mira: User
) -> None:
    desk.clock.forward(minutes=5)
    x.world.message(x.acme, mira, "It left today")
    desk.clock.forward(minutes=2)
    desk.polled()
    assert desk.of("my order?").state.label == "answered"


def test_one_answered_before_the_first_poll_waits_for_nobody(x: XPlatform, desk: Desk) -> None:
    mira = x.customer()
    x.world.message(mira, x.acme, "my order?", START - timedelta(hours=2))
    x.world.message(x.acme, mira, "It left today", START - timedelta(hours=1))
    desk.polled()
    assert desk.of("my order?").state.label == "answered"


def test_an_answer_that_was_cut_off_is_found_again(x: XPlatform, desk: Desk, mira: User) -> None:
    x.server.faults.cut_writes = 1
    assert desk.send("my order?", "It left today") is SendState.SENT
    assert got(x, mira) == ["It left today"]


def test_an_earlier_one_with_the_same_words_is_not_taken_for_it(
    x: XPlatform, desk: Desk, mira: User
) -> None:
    x.world.message(x.acme, mira, "Thanks!")
    x.server.faults.plan("POST", "/2/dm_conversations", OVERLOADED)
    with pytest.raises(Unsure):
        send(connected(x), desk.reply("my order?", "Thanks!"), HandOver())


def test_who_takes_no_messages_from_us_is_a_refusal(x: XPlatform, desk: Desk, mira: User) -> None:
    x.world.messages.clear()
    with pytest.raises(Refused, match="cannot send"):
        send(connected(x), desk.reply("my order?", "Hello"), HandOver())


def test_an_idle_poll_looks_at_a_few_and_counts_none(
    x: XPlatform, mira: User, clock: FakeClock
) -> None:
    cursor = None
    for _ in range(3):
        [*_, last] = connected(x).poll(cursor, START - SINCE)
        cursor = last.cursor
        clock.forward(minutes=1)
    assert "max_results=6&" in x.exchanges[-1].target
    assert json.loads(str(cursor))["spent"]["reads"] == {"message": 1, "user": 2}


def test_the_limit_of_x_only_makes_it_read_later(x: XPlatform, desk: Desk, mira: User) -> None:
    for _ in range(20):
        desk.clock.forward(seconds=10)
        desk.polled()
    x.world.message(mira, x.acme, "hello?")
    desk.clock.forward(minutes=15)
    desk.polled()
    assert desk.texts() == Counter(["my order?", "hello?"])
    assert all(e.answer.status == 200 for e in x.exchanges)


def test_pictures_are_named_with_their_link(x: XPlatform, desk: Desk) -> None:
    film = Media("13_7", "video", "https://pbs.example/film.jpg")
    x.world.message(x.customer(), x.acme, "look", media=(film,))
    desk.polled()
    assert desk.texts() == Counter(["look\n[video: https://pbs.example/film.jpg]"])


def test_one_of_a_group_is_read_and_says_that_it_is_answered_elsewhere(
    x: XPlatform, desk: Desk
) -> None:
    x.world.message(x.customer(), x.acme, "who of us?", group="2123702889477046273")
    desk.polled()
    [message] = desk.store.lists.messages(desk.of("who of us?").id)
    assert message.remark == ONLY_IN_X
    waiting = Question(message, desk.store.lists.raw(message.id))
    prospect = TwitterChannel().foresee(x.settings(), waiting, "me", "", START)
    assert prospect.refusal == ONLY_IN_X


def test_one_of_a_group_is_answered_in_x_itself(x: XPlatform, desk: Desk, mira: User) -> None:
    reply = desk.reply("my order?", "It left today")
    kept = json.loads(reply.source)
    kept["row"]["dm_conversation_id"] = "2123702889477046273"
    us = Person(x.acme.id, "acme", "Acme Tools")
    assert "others are in this conversation" in received(kept["row"], us, {}).remark
    with pytest.raises(Refused, match="others are in this conversation"):
        send(connected(x), replace(reply, source=json.dumps(kept).encode()), HandOver())
    assert got(x, mira) == []


def test_an_answer_of_ours_holds_up_nobody_who_writes_after_it(
    x: XPlatform, desk: Desk, mira: User, clock: FakeClock
) -> None:
    assert desk.send("my order?", "On its way.") is SendState.SENT
    clock.forward(seconds=5)
    x.world.message(x.customer(), x.acme, "and mine?")
    desk.polled()
    assert desk.texts() == Counter(["my order?", "and mine?"])


def test_one_that_x_lists_late_with_an_older_id_is_found(
    x: XPlatform, desk: Desk, mira: User, clock: FakeClock
) -> None:
    late = x.world.message(x.customer(), x.acme, "late", clock() + timedelta(minutes=1))
    x.world.hidden.add(late.id)
    for number, text in enumerate(questions(7), 2):
        x.world.message(mira, x.acme, text, clock() + timedelta(minutes=number))
    clock.forward(minutes=20)
    desk.polled()
    x.world.hidden.clear()
    clock.forward(minutes=20)
    desk.polled()
    assert desk.texts() == Counter(["my order?", "late", *questions(7)])


def test_what_was_read_within_the_hour_is_given_and_counted_once(
    x: XPlatform, mira: User, clock: FakeClock
) -> None:
    for text in questions(9):
        x.world.message(mira, x.acme, text)
    cursor, given = None, 0
    for _ in range(4):
        for batch in connected(x).poll(cursor, START - SINCE):
            cursor, given = batch.cursor, given + batch.listed
        clock.forward(minutes=10)
    assert given == 10
    assert json.loads(str(cursor))["spent"]["reads"]["message"] == 10
    assert x.asked.count("GET /2/dm_events") == 5  # and one for the desk's own poll
