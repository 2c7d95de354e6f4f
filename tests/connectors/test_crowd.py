"""The crowd sees what reaches its customers, and a desk that doubles or errs is caught by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.crowd_case import Case
from connectors.sandbox.crowd_page import PagePlace
from connectors.sandbox.crowd_social import COMMENTS, TWEETS
from connectors.sandbox.crowd_x import DIRECT, XPlace
from connectors.sandbox.x_world import DirectMessage, Post, User, World
from monitor.connector import Connector, HandOver
from monitor.message import OutgoingReply, SendState, Sent
from tests.connectors.altered import Altered, Send
from tests.connectors.desk import Desk
from tests.connectors.facebook_page import CommentPlatform, FacebookPlatform
from tests.fakes import FakeClock


def honest(inner: Connector, reply: OutgoingReply, hand_over: HandOver) -> Sent:
    return inner.reply(reply, hand_over)


def twice(inner: Connector, reply: OutgoingReply, hand_over: HandOver) -> Sent:
    inner.reply(replace(reply, text=f"{reply.text} (once more)"), lambda known: None)
    return inner.reply(reply, hand_over)


class ToTheFirst:
    """Answers everybody where the first one of their kind asked."""

    def __init__(self) -> None:
        self._first: dict[str, OutgoingReply] = {}

    def __call__(self, inner: Connector, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        first = self._first.setdefault(json.loads(reply.source)["kind"], reply)
        return inner.reply(replace(reply, source=first.source, to=first.to), hand_over)


@pytest.fixture
def page(tmp_path: Path, clock: FakeClock) -> Iterator[FacebookPlatform]:
    with ExitStack() as stack:
        yield CommentPlatform(tmp_path, clock, stack)


def answered_by(page: FacebookPlatform, tmp_path: Path, clock: FakeClock, send: Send) -> Crowd:
    """Everybody of the first telling on Facebook wrote, and was answered once by the desk."""
    place = PagePlace(page.page, clock=clock)
    crowd = Crowd([place], clock=clock, orderly=True, most=len(COMMENTS))
    crowd.gather(len(COMMENTS))
    with Desk(tmp_path, lambda: Altered(page.connect(), send), clock) as desk:
        desk.polled()
        for case in crowd.waiting():
            assert desk.send(case.written[0], f"We look into {case.number}") is SendState.SENT
    crowd.read_answers()
    return crowd


def test_an_honest_connector_leaves_nobody_waiting_on_facebook(
    page: FacebookPlatform, tmp_path: Path, clock: FakeClock
) -> None:
    crowd = answered_by(page, tmp_path, clock, honest)
    assert (crowd.faults(), crowd.waiting()) == ([], [])
    assert all(len(case.answers) + len(case.outside) == 1 for case in crowd.cases)


def test_a_connector_that_doubles_is_caught(
    page: FacebookPlatform, tmp_path: Path, clock: FakeClock
) -> None:
    crowd = answered_by(page, tmp_path, clock, twice)
    doubled = [case for case in crowd.cases if not case.outside]
    assert len(crowd.faults()) == len(doubled)
    assert all("got 1 too many answers" in fault for fault in crowd.faults())


def test_a_connector_that_answers_somebody_else_is_caught(
    page: FacebookPlatform, tmp_path: Path, clock: FakeClock
) -> None:
    crowd = answered_by(page, tmp_path, clock, ToTheFirst())
    kinds = {"comment", "visitor post", "tag", "message"}
    answered = [case for case in crowd.cases if not case.outside]
    assert len(crowd.misdirected()) == len(crowd.waiting()) == len(answered) - len(kinds)


class AtX:
    """A crowd at X, and ourselves there."""

    def __init__(self, clock: FakeClock, most: int | None = None, *, orderly: bool = True) -> None:
        self.world = World(clock)
        self.us: User = self.world.add_user("acme", "Acme")
        self.place = XPlace(self.world, self.us, clock=clock)
        self.crowd = Crowd([self.place], clock=clock, orderly=orderly, most=most)

    def posts_of(self, case: Case) -> list[Post]:
        return [p for p in self.world.posts.values() if p.author.name == case.who.name]

    def messages_of(self, case: Case) -> list[DirectMessage]:
        return [m for m in self.world.messages.values() if m.sender.name == case.who.name]

    def answer(self, case: Case, text: str = "") -> None:
        """As the API would do it."""
        words = text or f"We look into {case.number}"
        if case.story.kind == DIRECT:
            self.world.message(self.us, self.messages_of(case)[-1].sender, words)
        else:
            self.world.reply_by_program(self.us, words, self.posts_of(case)[-1].id)


@pytest.fixture
def at_x(clock: FakeClock) -> AtX:
    made = AtX(clock, most=len(TWEETS))
    made.crowd.gather(len(TWEETS))
    return made


def answerable(at_x: AtX) -> list[Case]:
    return [case for case in at_x.crowd.waiting() if case.story.kind != "aside"]


def test_everybody_at_x_is_answered_once(at_x: AtX) -> None:
    for case in answerable(at_x):
        at_x.answer(case)
    at_x.crowd.read_answers()
    assert at_x.crowd.faults() == []
    assert {case.story.kind for case in at_x.crowd.waiting()} == {"aside"}


def test_a_second_answer_at_x_is_one_too_many(at_x: AtX) -> None:
    case = answerable(at_x)[0]
    at_x.answer(case)
    at_x.answer(case, f"And again: {case.number}")
    at_x.crowd.read_answers()
    [fault] = at_x.crowd.faults()
    assert fault == f"twitter: {case.who.name} ({case.number}) got 1 too many answers"


def test_words_for_one_customer_that_another_reads_are_told(at_x: AtX) -> None:
    one, other = answerable(at_x)[:2]
    at_x.answer(one, f"We look into {other.number}")
    at_x.crowd.read_answers()
    assert len(at_x.crowd.misdirected()) == 1
    assert one in at_x.crowd.waiting()


def test_customers_at_x_write_back_below_the_answer(at_x: AtX) -> None:
    for _ in range(40):
        for case in answerable(at_x):
            at_x.answer(case, f"{len(case.answers)}: we look into {case.number}")
        at_x.crowd.step()
    again = [case for case in at_x.crowd.cases if len(case.written) > 1]
    assert again
    for case in again:
        if case.story.kind == "post":
            last = at_x.posts_of(case)[-1]
            assert last.answers
            assert last.answers.author == at_x.us
    assert at_x.crowd.faults() == []


def test_what_is_edited_and_deleted_at_x_is_so_there(at_x: AtX) -> None:
    for _ in range(20):
        for case in answerable(at_x):
            at_x.answer(case, f"{len(case.answers)}: we look into {case.number}")
        at_x.crowd.step()
    assert [p for p in at_x.world.posts.values() if len(p.versions) == 2]
    [gone] = [case for case in at_x.crowd.cases if case.is_gone]
    assert at_x.posts_of(gone) == []


def test_a_colleague_answers_on_the_platform_itself(at_x: AtX) -> None:
    [aside, *_] = [case for case in at_x.crowd.waiting() if case.story.kind == "aside"]
    assert at_x.crowd.answer_outside(aside.number, "Hello, we are here too")
    at_x.crowd.read_answers()
    assert not aside.waits
    assert (aside.answers, aside.outside) == ([], ["Hello, we are here too"])
    assert not at_x.crowd.answer_outside(0, "Hello?")


def test_a_crowd_that_nobody_answers_grows_restless(clock: FakeClock) -> None:
    lively = AtX(clock, most=len(TWEETS), orderly=False)
    while lively.crowd.step() or len(lively.crowd.cases) < len(TWEETS):
        clock.forward(seconds=5)
    assert [case for case in lively.crowd.cases if len(case.written) == 2]
    assert [p for p in lively.world.posts.values() if len(p.versions) == 2]
    assert [case for case in lively.crowd.cases if case.is_gone]
    assert sum(len(case.outside) for case in lively.crowd.cases) == 2
    assert lively.crowd.faults() == []


def test_strangers_follow_when_all_stories_are_told(clock: FakeClock) -> None:
    crowd = AtX(clock).crowd
    crowd.gather(3 * len(TWEETS))
    assert len({case.number for case in crowd.cases}) == len(crowd.cases) == 3 * len(TWEETS)
    assert len({case.who for case in crowd.cases}) > 2 * len(TWEETS)
