"""Posts that change after they were read: edited, taken back, or lost by X's index for a while."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.sandbox.x_routes import Answer, problem
from connectors.twitter.state import Place
from monitor.message import IncomingMessage
from tests.connectors.desk import Desk, questions, read
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import START, FakeClock

LOOK = "GET /2/tweets"


def later(x: XPlatform, cursor: str, clock: FakeClock) -> tuple[list[IncomingMessage], str]:
    """The next poll, five minutes on."""
    clock.forward(minutes=5)
    return read(x.connect(), cursor)


def reads(cursor: str) -> dict[str, int]:
    """What was read so far, by kind."""
    found: dict[str, int] = json.loads(cursor)["spent"]["reads"]
    return found


@pytest.mark.parametrize("renamed", [False, True])
def test_an_edit_has_the_newest_versions_id(x: XPlatform, clock: FakeClock, renamed: bool) -> None:
    x.server.renamed = renamed
    post = x.mention("frist")
    [first], cursor = read(x.connect(), None)
    clock.forward(minutes=1)
    edited = x.world.edit(post, "@acme first")
    [again], _ = later(x, cursor, clock)
    assert (first.revision, again.revision) == (post.id, edited.id)
    assert (again.ext_id, again.text) == (first.ext_id, "first")


def test_a_deletion_costs_nothing_and_is_asked_for_once(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(3):
        x.customer_writes(text)
    _, cursor = read(x.connect(), None)
    spent = reads(cursor)
    x.delete("question 1")
    found, cursor = later(x, cursor, clock)
    for _ in range(3):
        _, cursor = later(x, cursor, clock)
    assert sum(message.deleted for message in found) == 1
    assert x.asked.count(LOOK) == 1
    assert reads(cursor) == spent


def test_while_nothing_changes_nothing_is_looked_up(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(120):
        x.customer_writes(text)
    _, cursor = read(x.connect(), None)
    for _ in range(15):
        _, cursor = later(x, cursor, clock)
    assert LOOK not in x.asked
    assert json.loads(cursor)["places"]["mentions"]["listed"] == {}


def test_what_was_edited_out_of_the_listing_is_read_once_more(
    x: XPlatform, clock: FakeClock
) -> None:
    post = x.mention("question")
    _, cursor = read(x.connect(), None)
    x.world.edit(post, "never mind")
    found, cursor = later(x, cursor, clock)
    for _ in range(3):
        _, cursor = later(x, cursor, clock)
    assert [(m.ext_id, m.text) for m in found] == [(f"post:{post.id}", "never mind")]
    assert reads(cursor)["post"] == 2


def test_what_x_only_loses_for_a_while_is_no_deletion(x: XPlatform, clock: FakeClock) -> None:
    post = x.mention("question")
    _, cursor = read(x.connect(), None)
    for hidden in ({post.id}, set[str](), {post.id}, set[str]()):
        x.world.hidden.clear()
        x.world.hidden |= hidden
        found, cursor = later(x, cursor, clock)
        assert not any(message.deleted for message in found)
    assert x.asked.count(LOOK) == 1


def test_what_is_older_than_the_overlap_is_not_missed(x: XPlatform, clock: FakeClock) -> None:
    x.customer_writes("question")
    _, cursor = read(x.connect(), None)
    clock.forward(hours=2)
    _, cursor = read(x.connect(), cursor)
    x.delete("question")
    found, _ = later(x, cursor, clock)
    assert (found, x.asked.count(LOOK)) == ([], 0)


def test_a_look_that_x_forbids_holds_nothing_up(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(2):
        x.customer_writes(text)
    _, cursor = read(x.connect(), None)
    x.delete("question 0")
    x.customer_writes("new", clock())
    x.server.faults.plan("GET", "/2/tweets", problem(403, "Forbidden", "not for you"))
    found, cursor = later(x, cursor, clock)
    assert "new" in [message.text for message in found]
    assert not any(message.deleted for message in later(x, cursor, clock)[0])


def test_one_deleted_among_hundreds_is_the_only_one_asked_for(
    x: XPlatform, clock: FakeClock
) -> None:
    for number, text in enumerate(questions(230)):
        x.customer_writes(text, START - timedelta(seconds=number))
    _, cursor = read(x.connect(), None)
    x.delete("question 150")
    found, _ = later(x, cursor, clock)
    [gone] = [message for message in found if message.deleted]
    [look] = [e for e in x.exchanges if e.target.startswith("/2/tweets?")]
    assert parse_qs(urlsplit(look.target).query)["ids"] == [gone.ext_id.removeprefix("post:")]


def test_a_place_keeps_no_more_than_it_has_use_for() -> None:
    place = Place(0)
    for number in range(1, 5001):
        place.saw(str(number), str(number))
    place.expects(100)
    assert (min(place.listed), len(place.listed)) == (4501, 500)


def test_where_most_are_missing_nothing_is_looked_up() -> None:
    place = Place(0, listed={number: number for number in range(1, 41)})
    assert place.missing(set(range(20, 41)), 0) == list(range(1, 20))
    assert place.missing(set(range(22, 41)), 0) == []


def test_a_look_that_makes_no_sense_is_no_news(x: XPlatform, clock: FakeClock) -> None:
    for text in questions(2):
        x.customer_writes(text)
    _, cursor = read(x.connect(), None)
    x.delete("question 0")
    rows = {"data": [{}, {"id": "x"}, {"id": "5"}], "errors": [1, {"type": 5}, {"value": "7"}]}
    x.server.faults.plan("GET", "/2/tweets", Answer(200, rows))
    found, _ = later(x, cursor, clock)
    x.exchanges.clear()  # X's document would rightly complain
    assert not any(message.deleted for message in found)


def test_of_more_than_x_lists_the_older_ones_are_not_missing() -> None:
    place = Place(0, listed={1: 1, 500: 500, 900: 900})
    assert place.missing(set(range(100, 1000)) - {900}, 0) == [900]
    assert place.missing(set(range(200, 900)), 0) == [1, 900]


def test_an_answer_from_here_that_is_deleted_in_x_is_marked(x: XPlatform, desk: Desk) -> None:
    x.customer_writes("question")
    desk.polled()
    desk.send("question", "answer")
    for _ in range(2):
        desk.clock.forward(minutes=5)
        desk.polled()
    x.world.delete(x.world.written_by(x.acme)[0])
    desk.clock.forward(minutes=5)
    desk.polled()
    messages = desk.store.lists.messages(desk.of("question").id)
    marks = [(m.text, bool(m.edited_at), bool(m.deleted_at)) for m in messages]
    assert marks == [("question", False, False), ("answer", False, True)]
