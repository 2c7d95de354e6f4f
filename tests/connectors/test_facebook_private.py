"""Private replies: one message on Messenger for a comment or a post, and what comes back of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.sandbox.graph import GraphError
from connectors.sandbox.graph_data import Person
from monitor.errors import Refused, Unsure
from monitor.message import OutgoingReply, SendState
from tests.connectors.desk import Desk, HandOver, refused, send
from tests.connectors.facebook_fixtures import mira as mira
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import TEMPORARY, CommentPlatform
from tests.fakes import START, FakeClock

LATER = START + timedelta(minutes=10)


@pytest.fixture
def desk(
    platform: CommentPlatform, mira: Person, tmp_path: Path, clock: FakeClock
) -> Iterator[Desk]:
    """A desk with one question on it."""
    with Desk(tmp_path, platform.connect, clock) as desk:
        platform.page.comment(mira, "where is it?", platform.post, START)
        desk.polled()
        yield desk


def privately(desk: Desk, question: str, text: str) -> OutgoingReply:
    return replace(desk.reply(question, text), way="private")


def sent(desk: Desk, question: str, text: str) -> SendState:
    """Answer in private through the outbox; what became of it."""
    number = desk.store.outgoing.queue(
        desk.of(question).id, "ann", text, desk.clock(), seen=None, way="private"
    )
    desk.deliver()
    return desk.store.outgoing.entry(number).state


def chats(platform: CommentPlatform) -> list[str]:
    """What the page wrote on Messenger."""
    page = platform.page
    return [m.message for m in page.messages.values() if m.author is page.me]


def test_a_private_reply_goes_to_messenger_and_not_under_the_comment(
    platform: CommentPlatform, desk: Desk
) -> None:
    assert sent(desk, "where is it?", "your order 4711 ...") is SendState.SENT
    assert chats(platform) == ["your order 4711 ..."]
    assert platform.customers_got() == []
    assert desk.of("where is it?").state.label == "answered"


def test_it_names_the_comment_as_json(platform: CommentPlatform, desk: Desk) -> None:
    sent(desk, "where is it?", "yes")
    [call] = [c for c in platform.server.asked if c.method == "POST"]
    comment = platform.post.comments[0]
    assert json.loads(call.args["recipient"]) == {"comment_id": comment.id}
    assert json.loads(call.args["message"]) == {"text": "yes"}


def test_a_visitors_post_is_named_as_a_post(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "no water", START)
    desk.polled()
    assert sent(desk, "no water", "back at noon") is SendState.SENT
    [call] = [c for c in platform.server.asked if c.method == "POST"]
    assert json.loads(call.args["recipient"]) == {"post_id": post.id}


# What Facebook does not take


def test_a_second_private_reply_is_refused_before_the_hand_over(
    platform: CommentPlatform, desk: Desk
) -> None:
    reply = privately(desk, "where is it?", "one more thing")
    send(platform.connect(), replace(reply, text="the first"), HandOver())
    error, handed = refused(platform.connect(), reply)
    assert (type(error), handed, chats(platform)) == (Refused, 0, ["the first"])


def test_after_seven_days_none_is_taken(platform: CommentPlatform, desk: Desk) -> None:
    reply = privately(desk, "where is it?", "sorry")
    desk.clock.forward(days=7)
    error, handed = refused(platform.connect(), reply)
    assert (type(error), handed, "7 days" in str(error)) == (Refused, 0, True)


def test_whose_name_is_withheld_gets_none(platform: CommentPlatform, desk: Desk) -> None:
    nobody = platform.page.person("hidden", withheld=True)
    platform.page.comment(nobody, "and I?", platform.post, START)
    desk.polled()
    error, handed = refused(platform.connect(), privately(desk, "and I?", "yes"))
    assert (type(error), handed, "withholds" in str(error)) == (Refused, 0, True)


@pytest.mark.parametrize(
    ("code", "subcode", "word"),
    [(10900, 0, "already"), (10903, 0, "bars"), (100, 2018292, "deleted"), (551, 0, "reached")],
)
def test_each_refusal_has_its_outcome(
    platform: CommentPlatform, desk: Desk, code: int, subcode: int, word: str
) -> None:
    platform.server.troubles.fail_next("POST", GraphError(code, "no", subcode=subcode))
    error, handed = refused(platform.connect(), privately(desk, "where is it?", "yes"))
    assert (type(error), handed, word in str(error)) == (Refused, 1, True)


def test_who_bars_the_page_gets_none(platform: CommentPlatform, desk: Desk, mira: Person) -> None:
    platform.page.barring.add(mira.id)
    error, _ = refused(platform.connect(), privately(desk, "where is it?", "yes"))
    assert isinstance(error, Refused)


def test_a_way_that_there_is_not_is_never_taken_for_a_public_one(
    platform: CommentPlatform, desk: Desk
) -> None:
    reply = replace(desk.reply("where is it?", "your number is 4711"), way="privat")
    error, handed = refused(platform.connect(), reply)
    assert (type(error), handed, platform.customers_got()) == (Refused, 0, [])


# No word after the hand-over


@pytest.mark.parametrize("other_ids", [False, True])
def test_one_that_was_done_is_read_back_from_its_conversation(
    platform: CommentPlatform, desk: Desk, other_ids: bool
) -> None:
    platform.page.other_ids = other_ids
    platform.server.troubles.cut_after_write = 1
    done = send(platform.connect(), privately(desk, "where is it?", "here"), HandOver())
    assert done.ext_id in platform.page.messages
    assert chats(platform) == ["here"]


def test_one_for_a_post_is_read_back_by_the_person(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.visitor_posts(mira, "no water", START)
    desk.polled()
    platform.server.troubles.cut_after_write = 1
    done = send(platform.connect(), privately(desk, "no water", "noon"), HandOver())
    assert done.ext_id in platform.page.messages


def test_one_that_closed_the_way_but_can_not_be_found_is_unsure(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.other_ids = True
    platform.page.visitor_posts(mira, "no water", START)
    desk.polled()
    platform.server.troubles.cut_after_write = 1
    error, handed = refused(platform.connect(), privately(desk, "no water", "noon"))
    assert (type(error), handed) == (Unsure, 1)


def test_the_same_words_to_somebody_else_are_not_taken_for_it(
    platform: CommentPlatform, desk: Desk
) -> None:
    platform.page.comment(platform.customer(), "and mine?", platform.post, START)
    desk.polled()
    assert sent(desk, "and mine?", "please see our mail") is SendState.SENT
    platform.server.troubles.fail_next("POST", TEMPORARY)
    error, _ = refused(platform.connect(), privately(desk, "where is it?", "please see our mail"))
    assert not isinstance(error, Unsure)
    assert not error.permanent


def test_a_try_after_a_failure_that_was_none_finds_the_first(
    platform: CommentPlatform, desk: Desk
) -> None:
    reply, hand_over = privately(desk, "where is it?", "here"), HandOver()
    first = send(platform.connect(), reply, HandOver())
    again = send(platform.connect(), replace(reply, tries=2), hand_over)
    assert (again.ext_id, hand_over.told, chats(platform)) == (first.ext_id, [], ["here"])


# What comes back


def test_what_the_customer_writes_back_joins_where_the_ids_are_one(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    sent(desk, "where is it?", "which number?")
    platform.page.write(mira, "4711", LATER)
    desk.polled()
    back = desk.of("4711")
    assert (back, back.state.label) == (desk.of("where is it?"), "waiting")


def test_it_is_linked_where_the_ids_differ(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.other_ids = True
    sent(desk, "where is it?", "which number?")
    platform.page.write(mira, "4711", LATER)
    desk.polled()
    back = desk.of("4711")
    assert back.linked == desk.of("where is it?").id
    platform.page.write(mira, "and 4712", LATER + timedelta(minutes=1))
    desk.polled()
    assert desk.of("and 4712").id == back.id


def test_it_is_answered_on_messenger(platform: CommentPlatform, desk: Desk, mira: Person) -> None:
    sent(desk, "where is it?", "which number?")
    platform.page.write(mira, "4711", LATER)
    desk.polled()
    assert desk.send("4711", "tomorrow") is SendState.SENT
    assert chats(platform) == ["which number?", "tomorrow"]


def test_two_people_are_never_mixed(platform: CommentPlatform, desk: Desk, mira: Person) -> None:
    ben = platform.page.person("Ben")
    platform.page.comment(ben, "and mine?", platform.post, START)
    desk.polled()
    for question in ("where is it?", "and mine?"):
        sent(desk, question, "which number?")
    platform.page.write(ben, "number of Ben", LATER)
    platform.page.write(mira, "number of Mira", LATER)
    desk.polled()
    assert desk.of("number of Ben").id == desk.of("and mine?").id
    assert desk.of("number of Mira").id == desk.of("where is it?").id


def test_a_colleague_sees_that_it_was_in_private(platform: CommentPlatform, desk: Desk) -> None:
    sent(desk, "where is it?", "here")
    last = desk.store.lists.messages(desk.of("where is it?").id)[-1]
    assert last.remark == "in private, on Messenger"
