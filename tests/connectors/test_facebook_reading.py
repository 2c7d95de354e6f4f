"""What is read of a Facebook page, and what it means to the queue."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from connectors.facebook.channel import FacebookChannel
from connectors.facebook.parsing import WITHHELD
from connectors.sandbox.graph import GraphError
from connectors.sandbox.graph_data import Comment, Person
from monitor.decision import Outcome
from monitor.errors import AuthError, ConnectorError, NotFound, RateLimited
from monitor.message import Attachment, IncomingMessage, Party
from tests.connectors.desk import SINCE, Desk
from tests.connectors.facebook_fixtures import desk as desk
from tests.connectors.facebook_fixtures import mira as mira
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import TOKEN, CommentPlatform
from tests.connectors.platforms import PATIENCE, SHORT
from tests.fakes import START

LATER = START + timedelta(minutes=10)


def polled(platform: CommentPlatform, **given: bool) -> list[IncomingMessage]:
    """Everything that a first poll brings."""
    connector = platform.connect(given=given)
    try:
        return [m for batch in connector.poll(None, START - SINCE) for m in batch.messages]
    finally:
        connector.close()


def only(platform: CommentPlatform) -> IncomingMessage:
    [message] = polled(platform)
    return message


def asked(platform: CommentPlatform, desk: Desk, who: Person, text: str = "broken?") -> Comment:
    """A comment that waits in the queue."""
    comment = platform.page.comment(who, text, platform.post, START)
    desk.polled()
    assert desk.of(text).state.label == "waiting"
    return comment


# Comments


def test_a_comment_names_its_author_its_post_and_its_place(
    platform: CommentPlatform, mira: Person
) -> None:
    comment = platform.page.comment(mira, "Are you open?", platform.post, START)
    message = only(platform)
    assert message.author == Party(mira.id, "Mira")
    assert (message.kind, message.text, message.at) == ("comment", "Are you open?", START)
    assert message.subject == "comment on: Our winter hours"
    assert message.url.endswith(comment.id)


def test_nested_comments_of_others_are_conversations_of_their_own(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    above = asked(platform, desk, mira)
    platform.page.comment(platform.customer(), "same here", above, LATER)
    desk.polled()
    assert desk.of("same here") != desk.of("broken?")


def test_what_the_customer_adds_below_joins_the_conversation(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    above = asked(platform, desk, mira)
    platform.page.comment(mira, "since Monday", above, LATER)
    desk.polled()
    assert desk.of("since Monday") == desk.of("broken?")


def test_a_comment_without_an_author_waits_and_says_why_it_has_no_name(
    platform: CommentPlatform, desk: Desk
) -> None:
    nobody = platform.page.person("hidden", withheld=True)
    for text in ("first", "second"):
        platform.page.comment(nobody, text, platform.post, START)
    desk.polled()
    assert desk.of("first").customer_name == WITHHELD
    assert desk.of("first").state.label == "waiting"
    assert desk.of("first") != desk.of("second")


def test_the_pages_own_posts_and_comments_are_no_items(
    platform: CommentPlatform, desk: Desk
) -> None:
    own = platform.page.comment(platform.page.me, "Have a nice week", platform.post, START)
    platform.page.comment(platform.page.me, "and weekend", own, START)
    assert polled(platform) == []


def test_a_colleagues_comment_below_stops_the_clock(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    above = asked(platform, desk, mira)
    platform.page.comment(platform.page.me, "fixed now", above, LATER)
    desk.polled()
    assert desk.of("broken?").state.label == "answered"


def test_a_colleagues_comment_stops_the_clock_of_one_without_a_name(
    platform: CommentPlatform, desk: Desk
) -> None:
    above = asked(platform, desk, platform.page.person("hidden", withheld=True))
    platform.page.comment(platform.page.me, "fixed now", above, LATER)
    desk.polled()
    assert desk.of("broken?").state.label == "answered"


def test_a_colleague_who_names_a_customer_answers_that_one(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    above, ben = asked(platform, desk, mira), platform.page.person("Ben")
    below = platform.page.comment(ben, "here too", above, START)
    platform.page.comment(platform.page.me, "Ben, it is fixed", below, LATER, tags=(ben,))
    desk.polled()
    assert desk.of("here too").state.label == "answered"
    assert desk.of("broken?").state.label == "waiting"


def test_an_answer_from_here_is_not_taken_for_a_colleagues(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    asked(platform, desk, mira)
    desk.send("broken?", "sorry, fixed")
    assert desk.polled().outcomes == Counter({Outcome.KNOWN: 1})
    platform.page.comment(mira, "thanks", platform.post.comments[-1], LATER)
    desk.polled()
    assert desk.of("thanks") == desk.of("broken?")


def test_a_comment_that_appears_late_is_found_though_newer_ones_are_known(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    asked(platform, desk, mira)
    platform.page.comment(mira, "late", platform.post, START - timedelta(minutes=50))
    desk.polled()
    assert desk.texts()["late"] == 1


def test_empty_pages_with_a_next_link_end_nothing(platform: CommentPlatform, mira: Person) -> None:
    platform.page.comment(mira, "behind", platform.post, START)
    platform.server.calls.empty_pages = 2
    assert [m.text for m in polled(platform)] == ["behind"]


def test_smaller_pages_are_asked_for_where_facebook_finds_it_too_much(
    platform: CommentPlatform,
) -> None:
    for number in range(30):
        platform.page.comment(platform.customer(), f"comment {number}", platform.post, START)
        platform.page.write(platform.customer(), f"message {number}", START)
    platform.server.calls.most_a_page = 20
    assert len(polled(platform)) == 60


def test_data_that_is_too_much_however_small_the_page_is_an_error(
    platform: CommentPlatform,
) -> None:
    platform.server.calls.most_a_page = 0
    with pytest.raises(ConnectorError, match="reduce"):
        polled(platform)


def test_a_page_that_is_not_the_tokens_says_what_to_look_at(platform: CommentPlatform) -> None:
    with pytest.raises(ConnectorError) as caught:
        list(platform.connect(given={"page": "5"}).poll(None, START))
    assert "`page`" in caught.value.remedy


def test_a_post_that_is_deleted_while_it_is_polled_holds_up_nothing(
    platform: CommentPlatform, mira: Person
) -> None:
    other = platform.page.publish("another", START - timedelta(hours=2))
    for post in (platform.post, other):
        platform.page.comment(mira, f"on {post.message}", post, START)
    steps = platform.connect().poll(None, START - SINCE)
    texts = [m.text for m in next(steps).messages]
    platform.page.delete(other)
    assert texts + [m.text for b in steps for m in b.messages] == ["on Our winter hours"]


def test_posts_without_news_are_not_asked_for_comments(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    other = platform.page.publish("another", START - timedelta(hours=2))
    platform.page.comment(platform.page.me, "welcome", other, START)
    asked(platform, desk, mira)
    platform.server.asked.clear()
    desk.polled()
    assert f"{other.id}/comments" not in [call.path for call in platform.server.asked]


def test_what_is_attached_is_named_in_the_text(platform: CommentPlatform, mira: Person) -> None:
    photo = {"type": "photo", "url": "https://www.facebook.com/photo.php?fbid=1"}
    platform.page.comment(mira, "look", platform.post, START, attachment=photo)
    assert only(platform).text == "look\n[photo: https://www.facebook.com/photo.php?fbid=1]"


def test_a_comment_that_is_hidden_says_so(platform: CommentPlatform, mira: Person) -> None:
    platform.page.comment(mira, "spam?", platform.post, START).hidden = True
    assert only(platform).text == "spam?\n[hidden on the page]"


# Posts


def test_a_visitors_post_waits_and_the_pages_comment_answers_it(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "No water today?", START)
    desk.polled()
    assert desk.of("No water today?").kind == "visitor post"
    platform.page.comment(platform.page.me, "back at noon", post, LATER)
    desk.polled()
    assert desk.of("No water today?").state.label == "answered"


def test_the_visitors_comment_on_their_own_post_joins_it(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "No water today?", START)
    desk.polled()
    platform.page.comment(mira, "still none", post, LATER)
    desk.polled()
    assert desk.of("still none") == desk.of("No water today?")


def test_a_post_that_tags_the_page_waits_without_a_name(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.tag(mira, "Thanks @Acme for nothing", START)
    desk.polled()
    found = desk.of("Thanks @Acme for nothing")
    assert (found.kind, found.customer_name) == ("tag", WITHHELD)


@pytest.mark.parametrize(
    ("source", "edge"),
    [
        ("comments", "published_posts"),
        ("visitor_posts", "visitor_posts"),
        ("tags", "tagged"),
        ("messages", "conversations"),
    ],
)
def test_a_source_that_is_off_is_not_asked(
    platform: CommentPlatform, source: str, edge: str
) -> None:
    polled(platform, **{source: False})
    for call in platform.server.asked:
        assert edge != call.edge
        assert f"{edge}." not in call.args["fields"]


def test_a_picture_in_a_visitors_post_is_named(platform: CommentPlatform, mira: Person) -> None:
    post = platform.page.visitor_posts(mira, "", START)
    post.attachments.append({"type": "photo", "title": "The leak", "url": "https://fb.example/1"})
    assert only(platform).text == "[photo: The leak https://fb.example/1]"


def test_answers_under_visitors_posts_are_seen_where_comments_are_off(
    platform: CommentPlatform, mira: Person
) -> None:
    post = platform.page.visitor_posts(mira, "No water today?", START)
    platform.page.comment(platform.page.me, "back at noon", post, LATER)
    assert [m.outgoing for m in polled(platform, comments=False)] == [False, True]


def test_a_source_that_is_barred_holds_up_no_other(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.write(mira, "hello", START)
    barred = GraphError(283, "Requires pages_read_user_content")
    platform.server.troubles.barred["published_posts"] = barred
    assert "not allowed to read published_posts" in desk.poll().problem
    assert desk.texts() == Counter(["hello"])
    assert desk.store.accounts.statuses()[0].state == "signed out"


@pytest.mark.parametrize(("barred", "pause"), [(3, 120.0), (4, None)])
def test_what_may_be_read_is_read_as_often_as_before(
    platform: CommentPlatform, barred: int, pause: float | None
) -> None:
    for edge in ("published_posts", "visitor_posts", "tagged", "conversations")[:barred]:
        platform.server.troubles.barred[edge] = GraphError(283, "Requires a permission")
    with pytest.raises(AuthError) as caught:
        list(platform.connect().poll(None, START))
    assert caught.value.retry_after == pause


def test_a_moment_to_come_makes_nothing_old(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.comment(mira, "from the future", platform.post, START + timedelta(days=900))
    platform.page.write(mira, "from there too", START + timedelta(days=900))
    desk.polled()
    platform.page.comment(mira, "today", platform.post, LATER)
    platform.page.write(mira, "today too", LATER)
    desk.polled()
    assert desk.texts().total() == 4


# Messenger


def test_messages_of_one_person_are_one_conversation(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.write(mira, "hello", START)
    platform.page.write(mira, "anybody?", LATER)
    desk.polled()
    assert desk.of("hello") == desk.of("anybody?")
    assert desk.of("hello").awaiting_since == START


def test_a_colleagues_message_stops_the_clock(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.write(mira, "hello", START)
    desk.polled()
    platform.page.answer(mira, "good morning", LATER)
    desk.polled()
    assert desk.of("hello").state.label == "answered"


def test_files_and_stickers_are_named(platform: CommentPlatform, mira: Person) -> None:
    file = {"mime_type": "application/pdf", "name": "bill.pdf", "size": 54_321}
    platform.page.write(mira, "see", START, attachments=(file,))
    platform.page.write(mira, "", LATER, sticker="https://scontent.example/1.png")
    seen, stuck = polled(platform)
    assert (seen.text, stuck.text) == ("see", "[sticker]")
    assert seen.attachments == (Attachment(1, "bill.pdf", "application/pdf", 54_321),)


def test_a_file_without_a_word_is_named_in_the_text_too(
    platform: CommentPlatform, mira: Person
) -> None:
    platform.page.write(mira, "", START, attachments=({"mime_type": "image/jpeg", "size": 9},))
    assert (only(platform).text, only(platform).attachments[0].name) == ("[photo]", "photo")


def test_a_file_that_is_wanted_is_said_to_be_on_facebook_and_where(
    platform: CommentPlatform, mira: Person
) -> None:
    file = {"mime_type": "application/pdf", "file_url": "https://cdn.example/bill.pdf"}
    platform.page.write(mira, "see", START, attachments=(file,))
    for number, where in ((1, "cdn.example/bill.pdf"), (2, "opens the conversation")):
        with pytest.raises(NotFound, match=where):
            FacebookChannel().file(only(platform).raw, number)


def test_more_messages_than_facebook_shows_leave_a_notice(
    platform: CommentPlatform, mira: Person
) -> None:
    for number in range(25):
        platform.page.write(mira, f"word {number}", START + timedelta(seconds=number))
    messages = polled(platform)
    assert len(messages) == 20
    assert messages[0].text.endswith("word 5")
    assert "written before" in messages[0].text


# What Facebook says of itself


def test_no_token_is_kept_with_a_message(platform: CommentPlatform, mira: Person) -> None:
    paging = {"data": [], "paging": {"next": f"https://graph.facebook.com/?access_token={TOKEN}"}}
    platform.page.comment(mira, "x", platform.post, START, attachment={"subattachments": paging})
    message = only(platform)
    assert TOKEN.encode() not in message.raw
    assert json.loads(message.raw)["node"]["attachment"] == {"subattachments": {"data": []}}


def test_polling_slows_down_before_the_limit_and_nothing_is_lost(
    platform: CommentPlatform, desk: Desk, mira: Person
) -> None:
    platform.page.comment(mira, "just so", platform.post, START)
    platform.server.troubles.percent = 80
    assert "80 %" in desk.poll().problem
    assert desk.texts() == Counter(["just so"])
    status = desk.store.accounts.statuses()[0]
    assert (status.state, status.next_at) == ("throttled", START + timedelta(minutes=5))


def test_the_time_that_facebook_names_is_kept(platform: CommentPlatform) -> None:
    platform.server.troubles.percent, platform.server.troubles.regain_minutes = 100, 42
    with pytest.raises(RateLimited) as caught:
        polled(platform)
    assert caught.value.retry_after == 42 * 60


@pytest.mark.parametrize("trouble", ["trickle", "silent"])
def test_a_slow_facebook_holds_a_poll_no_longer_than_its_time(
    platform: CommentPlatform, trouble: str
) -> None:
    platform.patience = SHORT
    setattr(platform.server.troubles, trouble, True)
    with pytest.raises(ConnectorError, match="in time"):
        polled(platform)
    platform.patience = PATIENCE
    platform.mend()
    assert polled(platform) == []
