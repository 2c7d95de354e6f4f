"""What is read of X: threads, edits, long posts, what comes late, and what it costs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from connectors.sandbox.x_routes import Answer
from connectors.sandbox.x_world import Media, Post, User
from monitor.connector import Connector
from monitor.errors import RateLimited
from monitor.message import Direction, IncomingMessage
from tests.connectors.desk import SINCE, Desk, questions
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import START, FakeClock

HOUR = timedelta(hours=1)


def read(connector: Connector, cursor: str | None = None) -> tuple[list[IncomingMessage], str]:
    """All that a poll brings, and the cursor after it."""
    batches = list(connector.poll(cursor, START - SINCE))
    connector.close()
    return [m for batch in batches for m in batch.messages], batches[-1].cursor


def one(x: XPlatform, search: str = "") -> IncomingMessage:
    """The only message of a first poll."""
    [message], _ = read(x.connect(search=search))
    return message


def reply_to(x: XPlatform, post: Post, text: str, author: User | None = None) -> Post:
    """Somebody, or we in X itself, answers a post."""
    return x.world.post(author or x.acme, text, answers=post)


def test_what_x_lists_late_with_an_older_id_is_found(x: XPlatform, desk: Desk) -> None:
    late = x.mention("late", at=START - 0.5 * HOUR)
    x.world.hidden.add(late.id)
    x.mention("in time")
    desk.polled()
    x.world.hidden.clear()
    desk.clock.forward(minutes=20)
    desk.polled()
    assert desk.texts() == Counter(["late", "in time"])


def test_an_empty_page_with_a_link_to_the_next_is_not_the_end(x: XPlatform, desk: Desk) -> None:
    for text in questions(3):
        x.customer_writes(text)
    x.server.faults.blank_pages = 2
    desk.polled()
    assert desk.texts() == Counter(questions(3))


def test_a_page_that_links_to_itself_for_ever_ends(x: XPlatform, desk: Desk) -> None:
    x.customer_writes("there")
    x.server.faults.blank_pages = 10_000
    desk.polled()
    assert len(x.exchanges) < 150
    x.mend()
    desk.polled()
    assert desk.texts() == Counter(["there"])


@pytest.mark.parametrize("renamed", [False, True])
def test_an_edited_post_is_the_same_message(x: XPlatform, desk: Desk, renamed: bool) -> None:
    x.server.renamed = renamed
    post = x.mention("frist")
    desk.polled()
    desk.clock.forward(minutes=5)
    x.world.edit(post, "@acme first")
    desk.polled()
    [conversation] = desk.conversations()
    assert len(desk.store.lists.messages(conversation.id)) == 1
    assert conversation.awaiting_since == START


@pytest.mark.parametrize("renamed", [False, True])
def test_an_answer_goes_to_the_newest_version_of_a_post(
    x: XPlatform, desk: Desk, renamed: bool
) -> None:
    x.server.renamed = renamed
    post = x.mention("first")
    desk.polled()
    edited = x.world.edit(post, "@acme  first")
    desk.send("first", "answer")
    assert x.world.written_by(x.acme)[0].answers == edited


@pytest.mark.parametrize("renamed", [False, True])
def test_a_long_post_is_read_whole(x: XPlatform, renamed: bool) -> None:
    x.server.renamed = renamed
    text = "A long story. " * 60 + "The end"
    x.mention(text)
    assert one(x).text == text


def test_pictures_are_named_with_what_they_show_and_their_link(x: XPlatform) -> None:
    photo = Media("3_1", "photo", "https://pbs.example/1.jpg", "a broken\nlink")
    film = Media("7_2", "animated_gif", "https://pbs.example/2.jpg")
    x.world.post(x.customer(), "@acme look", media=(photo, film))
    assert one(x).text.split("\n") == [
        "look",
        "[photo: a broken link https://pbs.example/1.jpg]",
        "[moving picture: https://pbs.example/2.jpg]",
    ]


def test_characters_that_x_escapes_are_shown_as_they_were_written(x: XPlatform) -> None:
    x.mention("1 < 2 && 3 > 2, &lt; too")
    assert one(x).text == "1 < 2 && 3 > 2, &lt; too"


@pytest.mark.parametrize("renamed", [False, True])
def test_a_customers_further_posts_join_the_conversation(
    x: XPlatform, desk: Desk, renamed: bool
) -> None:
    x.server.renamed = renamed
    post = x.mention("broken")
    reply_to(x, post, "@acme still broken", post.author)
    desk.polled()
    assert len(desk.conversations()) == 1


def test_another_customer_in_the_same_thread_has_a_conversation_of_their_own(
    x: XPlatform, desk: Desk
) -> None:
    post = x.mention("broken")
    reply_to(x, post, "@acme mine too", x.customer())
    desk.polled()
    assert desk.of("broken").id != desk.of("mine too").id


@pytest.mark.parametrize("renamed", [False, True])
def test_a_colleagues_answer_in_x_itself_stops_the_clock(
    x: XPlatform, desk: Desk, renamed: bool
) -> None:
    x.server.renamed = renamed
    post = x.mention("broken")
    desk.polled()
    desk.clock.forward(minutes=10)
    reply_to(x, post, f"@{post.author.handle} try the other end")
    desk.clock.forward(minutes=2)
    desk.polled()
    conversation = desk.of("broken")
    answer = desk.store.lists.messages(conversation.id)[-1]
    assert conversation.state.label == "answered"
    assert (answer.direction, answer.remark) == (Direction.OUT, "answered outside")
    assert answer.text == "try the other end"


def test_what_was_answered_in_x_before_the_first_poll_waits_for_nobody(
    x: XPlatform, desk: Desk
) -> None:
    post = x.mention("broken", at=START - 2 * HOUR)
    reply_to(x, post, f"@{post.author.handle} try the other end")
    desk.clock.forward(minutes=2)
    desk.polled()
    assert desk.of("broken").state.label == "answered"


def test_our_own_posts_to_nobody_are_no_conversation(x: XPlatform, desk: Desk) -> None:
    x.world.post(x.acme, "We are open on Sunday")
    desk.polled()
    assert desk.conversations() == []


def test_an_answer_from_here_is_not_read_as_a_colleagues(x: XPlatform, desk: Desk) -> None:
    x.customer_writes("question 0")
    desk.polled()
    desk.send("question 0", "answer")
    desk.clock.forward(minutes=5)
    desk.polled()
    messages = desk.store.lists.messages(desk.of("question 0").id)
    assert [m.text for m in messages] == ["question 0", "answer"]


def test_a_customer_keeps_the_address_when_the_handle_changes(x: XPlatform) -> None:
    post = x.mention("it is me")
    message = one(x)
    assert message.author.address == post.author.id
    assert message.author.name == f"{post.author.name} @{post.author.handle}"
    assert message.url == f"https://x.com/{post.author.handle}/status/{post.id}"


def test_who_is_gone_from_x_has_no_name(x: XPlatform) -> None:
    post = x.mention("bye")
    del x.world.users[post.author.id]
    assert one(x).author.address == post.author.id


def test_somebody_is_looked_up_once(x: XPlatform) -> None:
    x.customer_writes("hello")
    _, cursor = read(x.connect())
    read(x.connect(), cursor)
    assert x.asked.count("GET /2/users") == 1


def test_an_idle_poll_asks_twice_and_costs_nothing(x: XPlatform, clock: FakeClock) -> None:
    x.customer_writes("hello")
    _, cursor = read(x.connect())
    clock.forward(hours=2)
    _, cursor = read(x.connect(), cursor)
    before, spent = len(x.exchanges), json.loads(cursor)["spent"]
    clock.forward(minutes=1)
    messages, cursor = read(x.connect(), cursor)
    assert (messages, len(x.exchanges) - before) == ([], 2)
    assert json.loads(cursor)["spent"] == spent


def test_what_is_read_is_counted_once(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(3):
        x.customer_writes(text)
    _, cursor = read(x.connect())
    for _ in range(3):
        clock.forward(minutes=1)
        _, cursor = read(x.connect(), cursor)
    assert json.loads(cursor)["spent"]["reads"] == {"post": 3, "user": 4}


def test_the_days_money_spent_stops_reading_until_midnight(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(10):
        x.customer_writes(text)
    _, cursor = read(x.connect())
    with pytest.raises(RateLimited, match=r"\$0\.10") as caught:
        read(x.connect(daily_cap=0.1), cursor)
    assert caught.value.retry_after == 15 * 3600
    clock.forward(hours=15)
    read(x.connect(daily_cap=0.1), cursor)


def test_money_nearly_spent_makes_reading_slower(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(10):
        x.customer_writes(text)
    _, cursor = read(x.connect(daily_cap=0.18))
    before = len(x.exchanges)
    clock.forward(minutes=1)
    assert list(x.connect(daily_cap=0.18).poll(cursor, START)) == []
    assert len(x.exchanges) == before
    clock.forward(minutes=4)
    read(x.connect(daily_cap=0.18), cursor)
    assert len(x.exchanges) > before


def test_a_search_finds_who_speaks_about_us(x: XPlatform) -> None:
    x.world.post(x.customer(), "are acme's links broken?")
    x.world.post(x.customer(), "nothing to do with anybody")
    message = one(x, search="acme -from:acme -is:retweet")
    assert (message.text, message.kind) == ("are acme's links broken?", "found by search")


def test_what_may_not_be_answered_says_so_before_anybody_writes(x: XPlatform, desk: Desk) -> None:
    x.world.post(x.customer(), "are acme's links broken?")
    x.mention("mine are")
    found, _ = read(x.connect(search="acme"))
    assert {m.text: bool(m.remark) for m in found} == {
        "are acme's links broken?": True,
        "mine are": False,
    }


def test_what_search_and_mentions_both_find_is_one_message(x: XPlatform, desk: Desk) -> None:
    x.mention("is broken")
    first, _ = read(x.connect(search="acme"))
    assert len({m.ext_id for m in first}) == 1


def test_a_search_after_a_long_pause_reaches_back_seven_days(
    x: XPlatform, clock: FakeClock
) -> None:
    _, cursor = read(x.connect(search="acme"))
    clock.forward(days=20)
    x.world.post(x.customer(), "acme again", at=clock() - timedelta(days=6))
    messages, _ = read(x.connect(search="acme"), cursor)
    assert [m.text for m in messages] == ["acme again"]


def test_rows_that_make_no_sense_are_shown_to_a_person(x: XPlatform, desk: Desk) -> None:
    rows = [{"id": "12", "text": 5, "entities": [1], "referenced_tweets": "x"}, {"text": "who?"}]
    x.exchanges.clear()
    x.server.faults.plan("GET", f"/2/users/{x.acme.id}/mentions", Answer(200, {"data": rows}))
    done = desk.polled()
    x.exchanges.clear()  # X's document would rightly complain
    assert done.listed == done.accounted == 2
    assert [c.state.label for c in desk.conversations()] == ["waiting", "waiting"]
