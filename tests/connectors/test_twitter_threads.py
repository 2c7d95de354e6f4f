"""Long answers as threads at X: every post once, in order, whatever happens in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.sandbox.x import Exchange
from connectors.sandbox.x_routes import Answer, problem
from connectors.sandbox.x_world import Post
from connectors.twitter.thread import thread
from monitor.errors import AuthError, ConnectorError, RateLimited, Refused, Unsure
from monitor.message import OutgoingReply, SendState
from tests.connectors.desk import Desk, HandOver, send
from tests.connectors.x_desk import OVERLOADED, XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import FakeClock

TEXT = " ".join(f"word{number:03}" for number in range(90))
PARTS = thread(TEXT)
POST = "POST", "/2/tweets"
PAUSE = problem(429, "Too Many Requests", "")


@pytest.fixture
def reply(x: XPlatform, desk: Desk) -> OutgoingReply:
    """An answer of three posts."""
    x.customer_writes("question")
    desk.polled()
    assert len(PARTS) == 3
    return replace(desk.reply("question", TEXT), way="thread")


def there(x: XPlatform) -> list[str]:
    """The posts of ours, oldest first, each of which answers the one before it."""
    ours = list(reversed(x.world.written_by(x.acme)))
    above: list[Post | None] = [x.world.mentions(x.acme)[0], *ours]
    assert [p.answers for p in ours] == above[: len(ours)]
    return [p.text.partition(" ")[2] for p in ours]


def broken_off(x: XPlatform, reply: OutgoingReply, answer: Answer, after: int) -> ConnectorError:
    """How a thread fails whose post after so many is answered with that."""
    x.server.faults.plan(*POST, answer, after=after)
    hand_over = HandOver()
    with pytest.raises(ConnectorError) as caught:
        send(x.connect(), reply, hand_over)
    assert len(hand_over.told) == 1
    return caught.value


def test_each_post_answers_the_one_before(x: XPlatform, reply: OutgoingReply) -> None:
    hand_over = HandOver()
    sent = send(x.connect(), reply, hand_over)
    assert there(x) == PARTS
    assert sent.ext_id == f"post:{x.world.written_by(x.acme)[-1].id}"
    assert (hand_over.told, sent.remark) == ([""], "cost $0.045 for 3 posts")


def test_it_goes_through_the_outbox_and_is_no_answer_of_a_colleagues(
    x: XPlatform, desk: Desk
) -> None:
    x.customer_writes("question")
    desk.polled()
    number = desk.of("question").id
    entry = desk.store.outgoing.queue(number, "ann", TEXT, desk.clock(), seen=None, way="thread")
    desk.deliver()
    desk.clock.forward(minutes=5)
    desk.polled()
    messages = desk.store.lists.messages(number)
    assert desk.store.outgoing.entry(entry).state is SendState.SENT
    assert [(m.text, m.outside) for m in messages] == [("question", False), (TEXT, False)]


def test_a_customer_who_answers_the_last_post_is_in_the_conversation(
    x: XPlatform, desk: Desk
) -> None:
    x.customer_writes("question")
    desk.polled()
    number = desk.of("question").id
    desk.store.outgoing.queue(number, "ann", TEXT, desk.clock(), seen=None, way="thread")
    desk.deliver()
    last, asked = x.world.written_by(x.acme)[0], x.world.mentions(x.acme)[0]
    desk.clock.forward(minutes=5)
    x.world.post(asked.author, "@acme thanks", answers=last)
    desk.polled()
    assert desk.of("thanks").id == number


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_posts_that_were_cut_off_are_found_and_the_thread_goes_on(
    x: XPlatform, reply: OutgoingReply, cut: int
) -> None:
    x.server.faults.cut_writes = cut
    send(x.connect(), reply, HandOver())
    assert there(x) == PARTS


def test_a_post_that_is_not_found_again_ends_it_and_says_what_is_there(
    x: XPlatform, reply: OutgoingReply
) -> None:
    error = broken_off(x, reply, OVERLOADED, after=1)
    first = x.world.written_by(x.acme)[0]
    assert isinstance(error, Unsure)
    assert f"1 of its 3 posts is there, up to https://x.com/i/status/{first.id}" in str(error)
    assert there(x) == PARTS[:1]


@pytest.mark.parametrize(
    "answer", [problem(403, "Forbidden", "no"), problem(401, "Unauthorized", "Unauthorized")]
)
def test_a_refusal_half_way_is_no_plain_failure(
    x: XPlatform, reply: OutgoingReply, answer: Answer
) -> None:
    assert isinstance(broken_off(x, reply, answer, after=2), Unsure)
    assert there(x) == PARTS[:2]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(problem(403, "Forbidden", "no"), Refused), (problem(401, "No", "No"), AuthError)],
)
def test_a_refusal_of_the_first_post_is_one_of_the_answer(
    x: XPlatform, reply: OutgoingReply, answer: Answer, kind: type[ConnectorError]
) -> None:
    assert isinstance(broken_off(x, reply, answer, after=0), kind)
    assert there(x) == []


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_pause_lets_the_next_try_go_on_where_it_was(
    x: XPlatform, reply: OutgoingReply, after: int
) -> None:
    assert isinstance(broken_off(x, reply, PAUSE, after), RateLimited)
    send(x.connect(), replace(reply, tries=2), HandOver())
    assert there(x) == PARTS


def test_a_thread_that_takes_too_long_goes_on_in_the_next_try(
    x: XPlatform, clock: FakeClock, reply: OutgoingReply
) -> None:
    def slow(exchange: Exchange) -> None:
        if exchange.method == "POST":
            clock.forward(seconds=90)

    x.server.watchers.append(slow)
    with pytest.raises(RateLimited, match="2 of its 3 posts are there"):
        send(x.connect(), reply, HandOver())
    send(x.connect(), replace(reply, tries=2), HandOver())
    assert there(x) == PARTS


def test_a_thread_begun_is_finished_though_its_question_is_gone(
    x: XPlatform, reply: OutgoingReply
) -> None:
    broken_off(x, reply, PAUSE, after=1)
    x.delete("question")
    send(x.connect(), replace(reply, tries=2), HandOver())
    assert len(x.world.written_by(x.acme)) == 3


def test_a_second_try_of_what_is_all_there_sends_nothing(
    x: XPlatform, reply: OutgoingReply
) -> None:
    first = send(x.connect(), reply, HandOver())
    again = send(x.connect(), replace(reply, tries=2), HandOver())
    assert (again.ext_id, there(x)) == (first.ext_id, PARTS)
    assert x.asked.count("POST /2/tweets") == 3


def test_the_same_text_written_again_after_a_person_looked_goes_on_too(
    x: XPlatform, reply: OutgoingReply
) -> None:
    broken_off(x, reply, OVERLOADED, after=2)
    send(x.connect(), reply, HandOver())
    assert there(x) == PARTS


def test_a_thread_goes_on_though_we_wrote_more_than_x_lists_on_three_pages_since(
    x: XPlatform, reply: OutgoingReply
) -> None:
    broken_off(x, reply, OVERLOADED, after=2)
    begun = x.world.written_by(x.acme)
    others = [x.world.post(x.acme, f"answer {number} to somebody else") for number in range(320)]
    send(x.connect(), reply, HandOver())
    missing, *_ = (p for p in x.world.written_by(x.acme) if p not in [*begun, *others])
    assert len(x.world.written_by(x.acme)) == len(begun) + len(others) + 1
    assert missing.answers is begun[0]


def test_an_unsure_thread_that_is_met_whole_needs_nobodys_word(x: XPlatform, desk: Desk) -> None:
    x.customer_writes("question")
    desk.polled()
    number = desk.of("question").id
    x.server.faults.plan(*POST, OVERLOADED, after=2)
    entry = desk.store.outgoing.queue(number, "ann", TEXT, desk.clock(), seen=None, way="thread")
    desk.deliver()
    assert desk.store.outgoing.entry(entry).state is SendState.UNSURE
    above = x.world.written_by(x.acme)[0]
    x.world.post(x.acme, f"@{x.world.mentions(x.acme)[0].author.handle} {PARTS[2]}", answers=above)
    desk.clock.forward(minutes=5)
    desk.polled()
    assert desk.store.outgoing.entry(entry).state is SendState.SENT
    assert [m.text for m in desk.store.lists.messages(number)] == ["question", TEXT]


def test_a_text_that_fits_is_one_post_by_any_way(x: XPlatform, reply: OutgoingReply) -> None:
    send(x.connect(), replace(reply, text="short"), HandOver())
    assert there(x) == ["short"]
