"""How answers go out on Facebook, and what becomes of those that it does not take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.facebook.ways import Asked, course
from connectors.sandbox.graph import GraphError
from monitor.decision import Outcome
from monitor.errors import AuthError, ConnectorError, RateLimited, Refused, Unsure
from monitor.message import File, SendState
from tests.connectors.desk import Desk, HandOver, refused, send
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import (
    TEMPORARY,
    TOKEN,
    CommentPlatform,
    FacebookPlatform,
    MessengerPlatform,
)
from tests.connectors.platforms import Got
from tests.fakes import START, FakeClock

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.fixture
def messenger(tmp_path: Path, clock: FakeClock) -> Iterator[MessengerPlatform]:
    with ExitStack() as stack:
        yield MessengerPlatform(tmp_path, clock, stack)


@pytest.fixture
def desk(platform: CommentPlatform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    yield from asking(platform, tmp_path, clock)


@pytest.fixture
def chat(messenger: MessengerPlatform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    yield from asking(messenger, tmp_path, clock)


def asking(platform: FacebookPlatform, folder: Path, clock: FakeClock) -> Iterator[Desk]:
    """A desk with one question on it."""
    with Desk(folder, platform.connect, clock) as desk:
        platform.customer_writes("open?")
        desk.polled()
        yield desk


# Comments


def test_an_answer_to_a_nested_comment_stands_in_its_thread(
    platform: CommentPlatform, desk: Desk
) -> None:
    above = platform.post.comments[0]
    platform.page.comment(platform.customer(), "me too", above, START)
    desk.polled()
    assert desk.send("me too", "yes") is SendState.SENT
    assert platform.post.comments[-1].parent is above


@pytest.mark.parametrize("spoil", ["deleted", "closed"])
def test_what_can_not_be_answered_any_more_is_refused_before_the_hand_over(
    platform: CommentPlatform, desk: Desk, spoil: str
) -> None:
    reply = desk.reply("open?", "yes")
    setattr(platform.post.comments[0], spoil, True)
    error, handed = refused(platform.connect(), reply)
    assert isinstance(error, Refused)
    assert handed == 0


def test_what_is_too_long_is_refused_by_figures(platform: CommentPlatform, desk: Desk) -> None:
    error, handed = refused(platform.connect(), desk.reply("open?", "x" * 8001))
    assert (handed, "8,001" in str(error)) == (0, True)


def test_files_are_refused_with_the_way_out(platform: CommentPlatform, desk: Desk) -> None:
    reply = replace(desk.reply("open?", "see"), files=(File("a.pdf", "application/pdf", b"x"),))
    error, handed = refused(platform.connect(), reply)
    assert (handed, "in Facebook" in str(error)) == (0, True)


# No word after the hand-over


def test_a_write_that_was_done_is_read_back(platform: CommentPlatform, desk: Desk) -> None:
    platform.server.troubles.cut_after_write = 1
    sent = send(platform.connect(), desk.reply("open?", "yes"), HandOver())
    assert sent.ext_id == platform.post.comments[-1].id
    assert platform.customers_got() == [Got("yes", "open?")]


def test_a_message_that_was_taken_is_read_back(messenger: MessengerPlatform, chat: Desk) -> None:
    messenger.server.troubles.cut_after_write = 1
    sent = send(messenger.connect(), chat.reply("open?", "yes"), HandOver())
    assert sent.ext_id in messenger.page.messages
    assert messenger.customers_got() == [Got("yes", "open?")]


def test_the_same_words_of_before_are_not_taken_for_it(
    platform: CommentPlatform, desk: Desk
) -> None:
    assert desk.send("open?", "yes") is SendState.SENT
    platform.customer_answers("really?", START)
    desk.polled()
    reply = desk.reply("really?", "yes")

    def fall_silent() -> None:
        platform.server.troubles.fail_next("POST", TEMPORARY)

    with pytest.raises(ConnectorError) as caught:
        send(platform.connect(), reply, HandOver(fall_silent))
    assert not isinstance(caught.value, Unsure)


def test_a_try_after_a_temporary_failure_that_was_none_sends_nothing_again(
    platform: CommentPlatform, desk: Desk
) -> None:
    reply = desk.reply("open?", "yes")
    platform.page.comment(platform.page.me, "yes", platform.post.comments[0])
    hand_over = HandOver()
    sent = send(platform.connect(), replace(reply, tries=2), hand_over)
    assert (sent.ext_id, hand_over.told) == (platform.post.comments[-1].id, [])
    assert len(platform.customers_got()) == 1


def test_html_in_place_of_an_answer_to_a_write_is_unsure(
    platform: CommentPlatform, desk: Desk
) -> None:
    def break_down() -> None:
        platform.server.troubles.page = 200

    with pytest.raises(Unsure):
        send(platform.connect(), desk.reply("open?", "yes"), HandOver(break_down))


def test_an_answer_without_word_is_met_by_the_next_poll_and_is_its_authors(
    platform: CommentPlatform, desk: Desk
) -> None:
    troubles = platform.server.troubles
    troubles.cut_after_write, troubles.cut_from_then = 1, True
    assert desk.send("open?", "yes,\nwe are") is SendState.UNSURE
    platform.mend()
    assert desk.polled().outcomes[Outcome.NEW] == 0
    found = desk.of("open?")
    assert (found.state.label, found.send_state) == ("answered", None)
    [verdict] = desk.store.archive.verdicts(found.id)
    assert verdict.who == "ann"


def test_a_colleagues_other_words_leave_it_unsure(platform: CommentPlatform, desk: Desk) -> None:
    platform.server.troubles.cut_from_then = platform.server.troubles.dead = False

    def fall_silent() -> None:
        platform.server.troubles.dead = True

    reply = desk.reply("open?", "yes")
    with pytest.raises(Unsure):
        send(platform.connect(), reply, HandOver(fall_silent))
    platform.mend()
    platform.page.comment(platform.page.me, "no", platform.post.comments[0])
    assert desk.polled().outcomes[Outcome.NEW] == 1


# Each error leads to its outcome


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "word"),
    [
        (190, 460, AuthError, "Facebook says"),
        (102, 0, AuthError, "Facebook says"),
        (190, 458, AuthError, "Facebook says"),
        (190, 459, AuthError, "Facebook says"),
        (190, 463, AuthError, "Facebook says"),
        (190, 467, AuthError, "Facebook says"),
        (4, 0, RateLimited, "Facebook says"),
        (17, 0, RateLimited, "Facebook says"),
        (32, 0, RateLimited, "Facebook says"),
        (341, 0, RateLimited, "Facebook says"),
        (613, 0, RateLimited, "Facebook says"),
        (80001, 0, RateLimited, "Facebook says"),
        (80006, 0, RateLimited, "Facebook says"),
        (10, 0, Refused, "permission"),
        (3, 0, Refused, "permission"),
        (200, 0, Refused, "permission"),
        (283, 0, Refused, "permission"),
        (368, 0, Refused, "blocks"),
        (506, 0, Refused, "very same"),
        (10, 2018278, Refused, "time"),
        (10, 2018065, Refused, "time"),
        (299, 0, Refused, "permission"),
        (551, 0, Refused, "reached"),
        (12, 0, Refused, "does not take"),
        (551, 1545041, Refused, "reached"),
        (100, 0, Refused, "does not take"),
        (100, 33, Refused, "deleted"),
    ],
)
def test_each_error_of_a_write_has_its_outcome(
    platform: CommentPlatform, desk: Desk, code: int, subcode: int,
    kind: type[ConnectorError], word: str,
) -> None:  # fmt: skip
    platform.server.troubles.fail_next("POST", GraphError(code, "no", subcode=subcode))
    error, handed = refused(platform.connect(), desk.reply("open?", "yes"))
    assert type(error) is kind
    assert word in str(error)
    assert f"{code}" in str(error)
    assert handed == 1


@pytest.mark.parametrize("code", [1, 2])
def test_a_temporary_error_is_tried_again_once_nothing_was_read_back(
    platform: CommentPlatform, desk: Desk, code: int
) -> None:
    platform.server.troubles.fail_next("POST", GraphError(code, "later", status=500))
    assert desk.send("open?", "yes") is SendState.QUEUED
    desk.clock.forward(minutes=1)
    desk.deliver()
    assert platform.customers_got() == [Got("yes", "open?")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [(190, AuthError), (200, AuthError), (10, AuthError), (4, RateLimited), (2, ConnectorError)],
)
def test_each_error_of_a_poll_has_its_outcome(
    platform: CommentPlatform, code: int, kind: type[ConnectorError]
) -> None:
    for edge in ("published_posts", "visitor_posts", "tagged", "conversations"):
        platform.server.troubles.barred[edge] = GraphError(code, "no")
    with pytest.raises(ConnectorError) as caught:
        list(platform.connect().poll(None, START))
    assert type(caught.value) is kind
    assert bool(caught.value.remedy) == (kind is AuthError)


def test_throttled_waits_as_long_as_facebook_says(platform: CommentPlatform) -> None:
    platform.server.troubles.regain_minutes = 17
    platform.server.troubles.fail_next("GET", GraphError(80001, "too many calls"))
    with pytest.raises(RateLimited) as caught:
        list(platform.connect().poll(None, START))
    assert caught.value.retry_after == 17 * 60


def test_a_token_that_facebook_repeats_is_not_shown(platform: CommentPlatform) -> None:
    platform.server.troubles.fail_next("GET", GraphError(190, f"Malformed token {TOKEN}"))
    with pytest.raises(AuthError) as caught:
        list(platform.connect().poll(None, START))
    assert TOKEN not in str(caught.value)


# The time that Messenger leaves


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(), {"messaging_type": "RESPONSE"}),
        (24 * HOURS - timedelta(seconds=1), {"messaging_type": "RESPONSE"}),
        (24 * HOURS, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        (7 * DAYS - timedelta(seconds=1), {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
    ],
)
def test_the_way_of_sending_follows_the_time(late: timedelta, expected: dict[str, str]) -> None:
    asked = Asked("message", "m_1", START, "", "t_1", named=True, open=True, privately=True)
    taken = course(asked, "", "Kim", human_agent=True, now=START + late)
    assert (taken.call, taken.refusal) == (expected, "")


@pytest.mark.parametrize("late", [timedelta(hours=25), timedelta(days=6)])
def test_messenger_takes_an_answer_by_a_human_agent(
    messenger: MessengerPlatform, chat: Desk, late: timedelta
) -> None:
    chat.clock.forward(seconds=late.total_seconds())
    assert chat.send("open?", "sorry for the wait") is SendState.SENT
    assert messenger.customers_got() == [Got("sorry for the wait", "open?")]


def test_after_seven_days_an_answer_is_refused_before_it_is_handed_over(
    messenger: MessengerPlatform, chat: Desk
) -> None:
    reply = chat.reply("open?", "hello")
    chat.clock.forward(days=7)
    error, handed = refused(messenger.connect(), reply)
    assert isinstance(error, Refused)
    assert (handed, "7 days" in str(error)) == (0, True)


def test_without_the_permission_the_time_ends_after_a_day(
    messenger: MessengerPlatform, chat: Desk
) -> None:
    reply = chat.reply("open?", "hello")
    chat.clock.forward(days=1)
    with pytest.raises(Refused, match="24 hours"):
        send(messenger.connect(given={"human_agent": False}), reply, HandOver())


def test_a_new_word_of_the_customers_opens_the_time_again(
    messenger: MessengerPlatform, chat: Desk
) -> None:
    person = next(iter(messenger.page.conversations.values())).person
    messenger.page.write(person, "hello?", chat.clock.forward(days=8))
    chat.polled()
    assert chat.send("hello?", "here we are") is SendState.SENT


def test_who_left_is_not_written_to(messenger: MessengerPlatform, chat: Desk) -> None:
    reply = chat.reply("open?", "hello")
    next(iter(messenger.page.conversations.values())).left = True
    error, handed = refused(messenger.connect(), reply)
    assert (type(error), handed) == (Refused, 0)
