"""What customers change or take back on Facebook, and what it costs to notice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.facebook import watched
from connectors.facebook.attachments import revision
from connectors.sandbox.graph import GraphError
from connectors.sandbox.graph_data import Comment, Person
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage
from tests.connectors.desk import SINCE, Desk
from tests.connectors.facebook_fixtures import desk as desk
from tests.connectors.facebook_fixtures import mira as mira
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import CommentPlatform
from tests.fakes import START


class Polls:
    """Polls that go on where the last one ended."""

    def __init__(self, platform: CommentPlatform) -> None:
        self._platform = platform
        self.cursor: str | None = None

    def next(self) -> list[IncomingMessage]:
        connector = self._platform.connect()
        found: list[IncomingMessage] = []
        for batch in connector.poll(self.cursor, START - SINCE):
            self.cursor = batch.cursor
            found += batch.messages
        connector.close()
        return found

    def calls(self) -> list[str]:
        """The paths that a poll asks for."""
        self._platform.server.asked.clear()
        self.next()
        return [call.path for call in self._platform.server.asked]


@pytest.fixture
def polls(platform: CommentPlatform) -> Polls:
    return Polls(platform)


def commented(platform: CommentPlatform, number: int, hours: float = 0) -> list[Comment]:
    at = START - timedelta(hours=hours)
    return [
        platform.page.comment(platform.customer(), f"comment {n}", platform.post, at)
        for n in range(number)
    ]


def test_an_edit_is_noticed_though_no_figure_tells_of_it(
    platform: CommentPlatform, polls: Polls
) -> None:
    [comment] = commented(platform, 1, hours=30)
    polls.next()
    platform.page.edit(comment, "quite another matter")
    [again] = polls.next()
    assert (again.ext_id, again.text) == (comment.id, "quite another matter")
    assert polls.next() == []


def test_a_deletion_is_proven_before_it_is_told(platform: CommentPlatform, polls: Polls) -> None:
    first, second = commented(platform, 2, hours=2)
    polls.next()
    platform.page.delete(first)
    platform.server.asked.clear()
    [gone] = polls.next()
    assert (gone.ext_id, gone.deleted) == (first.id, True)
    assert first.id in [call.path for call in platform.server.asked]
    assert second.id not in [call.path for call in platform.server.asked]


def test_what_is_listed_no_more_but_is_there_is_not_told_as_gone(
    platform: CommentPlatform, polls: Polls
) -> None:
    [comment] = commented(platform, 1, hours=2)
    polls.next()
    platform.post.comments.remove(comment)
    assert polls.next() == []
    assert comment.id not in polls.calls()


def test_with_a_post_all_that_stood_under_it_is_gone(
    platform: CommentPlatform, polls: Polls, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "no water", START)
    below = platform.page.comment(mira, "still none", post, START)
    polls.next()
    platform.page.delete(post)
    assert {m.ext_id for m in polls.next() if m.deleted} == {post.id, below.id}
    assert polls.next() == []


def test_a_visitors_post_with_other_words_comes_again(
    platform: CommentPlatform, polls: Polls, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "no water", START)
    polls.next()
    platform.page.edit(post, "no water since Monday")
    assert [m.text for m in polls.next()] == ["no water since Monday"]
    assert polls.next() == []


def test_a_message_that_was_taken_back_is_told_of_though_nothing_else_is_new(
    platform: CommentPlatform, polls: Polls, mira: Person
) -> None:
    platform.page.write(mira, "hello", START - timedelta(hours=5))
    second = platform.page.write(mira, "my password is ...", START - timedelta(hours=4))
    platform.page.write(platform.customer(), "others", START)
    polls.next()
    platform.page.delete(second)
    assert [m.ext_id for m in polls.next() if m.deleted] == [second.id]


def test_messages_that_facebook_lists_no_more_are_not_gone(
    platform: CommentPlatform, polls: Polls, mira: Person
) -> None:
    for number in range(15):
        platform.page.write(mira, f"old {number}", START - timedelta(hours=9, minutes=-number))
    polls.next()
    for number in range(15):
        platform.page.write(mira, f"new {number}", START - timedelta(minutes=number))
    assert not any(m.deleted for m in polls.next())


# What it costs


def test_one_post_a_poll_is_read_again_and_each_has_its_turn(
    platform: CommentPlatform, polls: Polls, mira: Person
) -> None:
    posts = [platform.page.publish(f"post {n}", START - timedelta(hours=9)) for n in range(3)]
    for post in posts:
        platform.page.comment(mira, "hm", post, START - timedelta(hours=2))
    polls.next()
    turns = [path for _ in range(3) for path in polls.calls() if path.endswith("/comments")]
    assert sorted(turns) == sorted(f"{post.id}/comments" for post in posts)


def test_nothing_is_read_again_where_much_of_the_limit_is_used_up(
    platform: CommentPlatform, polls: Polls
) -> None:
    commented(platform, 1, hours=2)
    polls.next()
    platform.server.troubles.percent = 60
    assert polls.calls() == [platform.page.me.id]


def test_a_page_without_young_comments_is_one_call(platform: CommentPlatform, polls: Polls) -> None:
    commented(platform, 1, hours=80)
    polls.next()
    assert polls.calls() == [platform.page.me.id]


def test_many_deletions_at_once_are_proven_in_several_polls(
    platform: CommentPlatform, polls: Polls
) -> None:
    there = commented(platform, 12, hours=2)
    polls.next()
    for comment in there:
        platform.page.delete(comment)
    told = [polls.next() for _ in range(4)]
    assert [len(each) for each in told] == [5, 5, 2, 0]
    assert {m.ext_id for each in told for m in each} == {c.id for c in there}


def test_sources_are_asked_for_alone_where_facebook_takes_them_not_together(
    platform: CommentPlatform, polls: Polls
) -> None:
    platform.server.troubles.fail_next("GET", GraphError(1, "Please reduce the amount of data"))
    commented(platform, 1)
    assert len(polls.next()) == 1
    assert polls.calls()[0] == f"{platform.page.me.id}/published_posts"


def test_after_no_answer_to_all_of_it_less_is_asked_for_at_once(
    platform: CommentPlatform, polls: Polls
) -> None:
    platform.server.troubles.page = 502
    with pytest.raises(ConnectorError):
        polls.next()
    platform.mend()
    assert polls.calls()[0] == f"{platform.page.me.id}/published_posts"


def test_no_more_is_watched_than_a_cursor_can_hold() -> None:
    now = 1_000_000
    there = {f"c{n}": watched.Seen(now - n, "x") for n in range(watched.MOST + 50)}
    there["old"] = watched.Seen(now - watched.LONGEST - 1, "x")
    kept = watched.added({}, "post", there, now)["post"]
    assert set(kept) == {f"c{n}" for n in range(watched.MOST)}


# Versions


def test_the_address_of_a_picture_is_no_part_of_a_revision() -> None:
    one, two = (
        {"message": "look", "attachment": {"type": "photo", "target": {"id": "5"}, "url": url}}
        for url in ("https://cdn.example/1?sig=a", "https://cdn.example/1?sig=b")
    )
    other = {"message": "look", "attachment": {"type": "photo", "target": {"id": "6"}}}
    assert revision(one) == revision(two)
    assert revision(one) != revision(other)
    assert revision({"id": "1", "message": ""}) == ""


def test_an_edit_and_a_deletion_stand_in_the_desks_books(
    platform: CommentPlatform, desk: Desk
) -> None:
    first, second = commented(platform, 2, hours=2)
    desk.polled()
    platform.page.edit(first, "comment zero")
    platform.page.delete(second)
    desk.polled()
    [edited] = desk.store.lists.messages(desk.of("comment zero").id)
    [deleted] = desk.store.lists.messages(desk.of("comment 1").id)
    assert edited.edited_at
    assert deleted.deleted_at
