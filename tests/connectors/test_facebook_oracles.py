"""What others know of the Graph API: Meta's own lists, a second client, answers once recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.unifiedthread import UnifiedThread
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from connectors.facebook.parsing import Reader
from connectors.sandbox.graph import Asked
from connectors.sandbox.graph_fields import Field, parse_fields
from monitor.connector import Connector
from monitor.message import Attachment
from tests.conftest import SHARED
from tests.connectors.checks import check
from tests.connectors.desk import SINCE, HandOver
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import APP_SECRET, TOKEN, CommentPlatform
from tests.fakes import START

RECORDED = SHARED / "data" / "facebook-recorded"
PAGING = {"fields", "limit", "after"}
# Meta's Python lists leave messages out: these are recorded, or in its documentation.
MESSAGE_FIELDS = {"id", "created_time", "from", "to", "message", "attachments", "sticker", "shares"}
KINDS: dict[str, Any] = {
    "published_posts": PagePost,
    "visitor_posts": PagePost,
    "tagged": PagePost,
    "comments": Comment,
    "conversations": UnifiedThread,
    "private_reply_conversation": UnifiedThread,
}


@pytest.fixture
def second(platform: CommentPlatform) -> FacebookAdsApi:
    """Meta's own client, which speaks to the stand-in."""
    session = FacebookSession("1", APP_SECRET, TOKEN, timeout=10)
    session.GRAPH = platform.server.url
    return FacebookAdsApi(session, api_version="v25.0")


def everything(platform: CommentPlatform) -> list[Asked]:
    """The calls of polls, and of an answer by each way in each place."""
    page, person = platform.page, platform.customer()
    page.comment(person, "a comment", platform.post, START)
    page.visitor_posts(person, "a post", START)
    page.write(person, "a message", START)
    connector = platform.connect()
    messages = [m for batch in connector.poll(None, START - SINCE) for m in batch.messages]
    assert [m.text for m in messages] == ["a post", "a comment", "a message"]
    for message in messages:
        for way in ("", "private") if message.kind != "message" else ("",):
            connector.reply(platform.reply_to(message, "thanks", way), HandOver())
    read_what_changed(platform, connector)
    connector.close()
    return platform.server.asked


def read_what_changed(platform: CommentPlatform, connector: Connector) -> None:
    """All that was written goes away between two polls."""
    cursor = list(connector.poll(None, START - SINCE))[-1].cursor
    for text in ("a comment", "a post", "a message"):
        platform.delete(text)
    gone = [m for batch in connector.poll(cursor, START) for m in batch.messages if m.deleted]
    assert len(gone) == 3


def kind_of(call: Asked) -> Any:
    """The class of what a call answers with; None for messages."""
    if call.edge:
        return KINDS.get(call.edge)
    kinds = {"t_": UnifiedThread, "m_": None, "100200300400": Page, "100200300400_": PagePost}
    return next((kinds[k] for k in sorted(kinds, reverse=True) if call.path.startswith(k)), Comment)


def unknown_fields(kind: Any, fields: tuple[Field, ...]) -> set[str]:
    """Those that Meta's lists do not have, edges among them included."""
    if kind is None:
        return {f.name for f in fields} - MESSAGE_FIELDS
    known = {v for v in vars(kind.Field).values() if isinstance(v, str)}
    unknown = {f.name for f in fields if f.name not in known and not hasattr(kind, _getter(f))}
    for field in fields:
        if field.fields:
            unknown |= unknown_fields(KINDS.get(field.name), field.fields)
    return unknown


def _getter(field: Field) -> str:
    return f"get_{field.name}"


def unknown_parameters(call: Asked, api: FacebookAdsApi) -> set[str]:
    """Those that Meta's client has no type for."""
    verb = {"GET": f"get_{call.edge}", "POST": f"create_{call.edge.removesuffix('s')}"}[call.method]
    at = Page if call.path.startswith("100200300400/") else Comment
    if not call.edge:
        return set(call.args) - PAGING
    checker: Any = getattr(at("1", api=api), verb)(pending=True)._param_checker
    return {k for k in call.args if k not in PAGING and not checker.is_valid_key(k)}


# Meta's own lists


def test_every_field_that_is_asked_for_is_on_metas_lists(platform: CommentPlatform) -> None:
    reads = [call for call in everything(platform) if call.method == "GET"]
    assert len(reads) > 12
    for call in reads:
        fields = parse_fields(call.args["fields"])
        assert not unknown_fields(kind_of(call), fields), call


def test_a_field_that_is_not_on_them_is_found_out() -> None:
    assert unknown_fields(PagePost, parse_fields("id,likers,comments{id,mood}")) == {
        "likers", "mood",
    }  # fmt: skip


def test_every_parameter_that_is_sent_is_on_metas_lists(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    calls = everything(platform)
    assert {call.method for call in calls} == {"GET", "POST"}
    for call in calls:
        assert not unknown_parameters(call, second), call


def test_every_modifier_of_an_edge_among_the_fields_is_on_metas_lists(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    together = [c for c in everything(platform) if c.path == platform.page.me.id]
    assert together
    page: Any = Page("1", api=second)
    for field in parse_fields(together[0].args["fields"]):
        checker = getattr(page, f"get_{field.name}")(pending=True)._param_checker
        unknown = {k for k in field.modifiers if k not in PAGING and not checker.is_valid_key(k)}
        assert not unknown, field.name


# A second client


def test_another_client_reads_the_stand_in(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    person = platform.customer()
    for number in range(3):
        platform.page.comment(person, f"comment {number}", platform.post, START)
    platform.page.write(person, "hello", START)
    comments = PagePost(platform.post.id, api=second).get_comments(
        fields=["id", "message", "from"], params={"limit": 2, "filter": "stream"}
    )
    assert [c["message"] for c in comments] == ["comment 0", "comment 1", "comment 2"]
    [thread] = Page(platform.page.me.id, api=second).get_conversations(fields=["updated_time"])
    assert thread["updated_time"] == "2026-11-20T09:00:00+0000"


def test_another_client_writes_to_the_stand_in(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    person = platform.customer()
    comment = platform.page.comment(person, "hm?", platform.post, START)
    platform.page.write(person, "hello", START)
    made = Comment(comment.id, api=second).create_comment(params={"message": "yes"})
    assert platform.page.comments[made["id"]].parent is comment
    message = {"recipient": {"id": person.id}, "message": {"text": "hi"}}
    page = Page(platform.page.me.id, api=second)
    page.create_message(params={**message, "messaging_type": "RESPONSE"})
    assert platform.page.conversations[f"t_{person.id}"].messages[-1].message == "hi"


def test_another_client_replies_in_private_to_the_stand_in(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    comment = platform.page.comment(platform.customer(), "hm?", platform.post, START)
    private = {"recipient": {"comment_id": comment.id}, "message": {"text": "hi"}}
    page = Page(platform.page.me.id, api=second)
    page.create_message(params=private)
    assert comment.privately
    with pytest.raises(FacebookRequestError) as caught:
        page.create_message(params=private)
    assert caught.value.api_error_code() == 10900


def test_another_client_understands_its_errors(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    platform.server.expired = True
    with pytest.raises(FacebookRequestError) as caught:
        Page(platform.page.me.id, api=second).api_get(fields=["name"])
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (190, 463)


def test_what_a_check_asks_is_on_metas_lists_and_another_client_reads_the_answers(
    platform: CommentPlatform, second: FacebookAdsApi
) -> None:
    check(platform.connect())
    me, told = platform.server.asked
    assert not unknown_fields(Page, parse_fields(me.args["fields"]))
    assert (told.path, dict(told.args)) == ("debug_token", {})
    assert Page("me", api=second).api_get(fields=["name"])["name"] == "Acme"
    answer = second.call("GET", ("debug_token",), params={"input_token": TOKEN}).json()["data"]
    assert (answer["type"], answer["is_valid"]) == ("PAGE", True)
    assert answer["profile_id"] == platform.page.me.id


# Answers that were recorded


def recorded(name: str) -> Any:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{RECORDED} is not here")
    return json.loads(path.read_text("utf-8"))


READER = Reader("19292868552", START)
POST = {"id": "19292868552_1", "from": {"id": "19292868552"}, "message": "A post"}


@pytest.mark.parametrize("name", ["comments_p1", "comments_p2"])
def test_recorded_comments_are_read(name: str) -> None:
    for comment in recorded(f"apidata-comments-{name}")["data"]:
        read = READER.comment({"id": "1_2", **comment}, POST)
        assert read
        assert not read.problem
        assert read.at.year == 2021
        assert read.text == comment["message"]


def test_a_recorded_comment_with_a_photo_is_read() -> None:
    read = READER.comment(recorded("models-comment"), POST)
    assert read
    assert read.author.name == "Kun Liu"
    assert read.text.startswith("My Nice Car \n[photo: https://www.facebook.com/photo.php")


def test_a_recorded_message_is_read_and_no_token_kept() -> None:
    read = READER.message(recorded("models-message"), recorded("models-conversation"))
    assert read.text == "Love is peace!😏"
    assert read.attachments == (Attachment(1, "image-651143212510248", "image/jpeg", 54542),)
    assert read.url.startswith("https://www.facebook.com/2121008874780932/inbox/")
    assert b"access_token" not in read.raw


@pytest.mark.parametrize("name", ["feed_fields_p1", "feed_fields_p2", "feeds_default_fields_p1"])
def test_recorded_posts_are_read(name: str) -> None:
    for post in recorded(f"apidata-posts-{name}")["data"]:
        read = READER.post(post, "tag")
        assert read
        assert not read.problem
