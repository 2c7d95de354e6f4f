"""Proof that the played Graph API is as strict as the real one where it matters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.sandbox.graph import GraphServer
from connectors.sandbox.graph_data import Person
from connectors.sandbox.graph_fields import GraphError, parse_fields
from tests.fakes import START, FakeClock

TOKEN = "a-page-token"
RECIPIENT = {"messaging_type": "RESPONSE"}


@pytest.fixture
def server(clock: FakeClock) -> Iterator[GraphServer]:
    with GraphServer(TOKEN, clock=clock) as running:
        yield running


def get(server: GraphServer, path: str, **args: str) -> Any:
    args = {"access_token": TOKEN} | args
    return requests.get(f"{server.url}/v25.0/{path}", args, timeout=10).json()


def code(answer: Any) -> tuple[int, int]:
    return answer["error"]["code"], answer["error"].get("error_subcode", 0)


def send(server: GraphServer, person: Person, **form: str) -> Any:
    both = {
        "access_token": TOKEN,
        "recipient": json.dumps({"id": person.id}),
        "message": json.dumps({"text": "hello"}),
    } | form
    url = f"{server.url}/v25.0/{server.page.me.id}/messages"
    return requests.post(url, both, timeout=10).json()


def test_a_field_that_does_not_exist_is_refused(server: GraphServer) -> None:
    post = server.page.publish("x")
    assert code(get(server, post.id, fields="id,mood")) == (100, 0)


@pytest.mark.parametrize("text", ["", "id,", "a{b", "a}", "a.b", "A"])
def test_fields_that_can_not_be_read_are_refused(text: str) -> None:
    with pytest.raises(GraphError):
        parse_fields(text)


def test_edges_can_be_expanded_within_fields(server: GraphServer) -> None:
    post = server.page.publish("x")
    for text in "abc":
        server.page.comment(server.page.person("p"), text, post)
    answer = get(server, post.id, fields="comments.limit(2).order(reverse_chronological){message}")
    assert [c["message"] for c in answer["comments"]["data"]] == ["c", "b"]
    assert "after" in answer["comments"]["paging"]["cursors"]


def test_the_token_stands_in_the_next_link_as_it_does_in_life(server: GraphServer) -> None:
    for number in range(3):
        server.page.publish(f"post {number}")
    page = get(server, f"{server.page.me.id}/published_posts", limit="2")
    assert TOKEN in page["paging"]["next"]
    rest = requests.get(page["paging"]["next"], timeout=10).json()
    assert [p["message"] for p in rest["data"]] == ["post 0"]
    assert "next" not in rest["paging"]


def test_calls_without_a_good_token_are_refused(server: GraphServer) -> None:
    assert code(get(server, "me", access_token="bad")) == (190, 0)
    server.expired = True
    assert code(get(server, "me")) == (190, 463)


def test_calls_have_to_be_proven_where_the_app_says_so(clock: FakeClock) -> None:
    with GraphServer(TOKEN, app_secret="s", clock=clock) as server:
        assert code(get(server, "me")) == (100, 0)


def test_what_is_deleted_is_gone(server: GraphServer) -> None:
    post = server.page.publish("x")
    server.page.delete(post)
    assert code(get(server, post.id)) == (100, 33)


@pytest.mark.parametrize(
    ("late", "form", "expected"),
    [
        (timedelta(hours=23), RECIPIENT, None),
        (timedelta(hours=24), RECIPIENT, (10, 2018278)),
        (timedelta(days=6), {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, None),
        (timedelta(days=7), {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, (10, 2018278)),
        (timedelta(), {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, (100, 0)),
    ],
)
def test_the_messaging_window_is_kept(
    server: GraphServer, late: timedelta, form: dict[str, str], expected: tuple[int, int] | None
) -> None:
    person = server.page.person("Mira")
    server.page.write(person, "hi", START - late)
    answer = send(server, person, **form)
    assert (code(answer) if "error" in answer else None) == expected


def test_a_recipient_that_is_no_json_is_refused(server: GraphServer) -> None:
    person = server.page.person("Mira")
    server.page.write(person, "hi")
    assert code(send(server, person, recipient="id")) == (100, 0)


def test_a_comment_is_answered_privately_once(server: GraphServer) -> None:
    comment = server.page.comment(server.page.person("Mira"), "hm", server.page.publish("x"))
    private = {"recipient": json.dumps({"comment_id": comment.id})}
    assert "message_id" in send(server, comment.author, **private)
    assert code(send(server, comment.author, **private)) == (10900, 0)


def test_only_the_newest_twenty_messages_have_their_words(server: GraphServer) -> None:
    person = server.page.person("Mira")
    for number in range(22):
        server.page.write(person, f"word {number}", START + timedelta(seconds=number))
    answer = get(server, f"t_{person.id}/messages", fields="message,from", limit="50")["data"]
    assert [("from" in m) for m in answer] == [True] * 20 + [False] * 2


def test_a_visitors_post_is_answered_privately_by_its_own_name(server: GraphServer) -> None:
    post = server.page.visitor_posts(server.page.person("Mira"), "hm")
    for name, expected in (("comment_id", (100, 2018292)), ("post_id", None)):
        answer = send(server, post.author, recipient=json.dumps({name: post.id}))
        assert (code(answer) if "error" in answer else None) == expected


@pytest.mark.parametrize("spoil", ["late", "barred", "own"])
def test_no_private_reply_is_taken_late_or_from_whom_it_is_barred_or_by_the_page_itself(
    server: GraphServer, spoil: str
) -> None:
    page = server.page
    author = page.me if spoil == "own" else page.person("Mira")
    written = START - timedelta(days=7 if spoil == "late" else 1)
    comment = page.comment(author, "hm", page.publish("x", written), written)
    if spoil == "barred":
        page.barring.add(author.id)
    answer = send(server, author, recipient=json.dumps({"comment_id": comment.id}))
    assert code(answer) == (10903, 0)


def test_a_comment_names_the_conversation_that_a_private_reply_began(server: GraphServer) -> None:
    comment = server.page.comment(server.page.person("Mira"), "hm", server.page.publish("x"))
    fields = "can_reply_privately,private_reply_conversation{messages{message}}"
    before = get(server, comment.id, fields=fields)
    send(server, comment.author, recipient=json.dumps({"comment_id": comment.id}))
    after = get(server, comment.id, fields=fields)
    assert (before["can_reply_privately"], "private_reply_conversation" in before) == (True, False)
    assert after["can_reply_privately"] is False
    [message] = after["private_reply_conversation"]["messages"]["data"]
    assert message["message"] == "hello"


def test_what_is_edited_keeps_its_time_and_what_is_deleted_is_in_no_list(
    server: GraphServer,
) -> None:
    page = server.page
    post = page.publish("x", START)
    first, second = (page.comment(page.person("p"), text, post, START) for text in "ab")
    page.edit(first, "c")
    page.delete(second)
    fields = "message,created_time"
    listed = get(server, f"{post.id}/comments", fields=fields, summary="total_count")
    assert [c["message"] for c in listed["data"]] == ["c"]
    assert listed["summary"]["total_count"] == 1
    assert code(get(server, second.id)) == (100, 33)


def test_a_message_that_was_taken_back_is_gone(server: GraphServer) -> None:
    person = server.page.person("Mira")
    first, second = (server.page.write(person, text) for text in "ab")
    server.page.delete(first)
    listed = get(server, f"t_{person.id}/messages", fields="id")["data"]
    assert [m["id"] for m in listed] == [second.id]
    assert code(get(server, first.id)) == (100, 33)


def test_one_barred_edge_bars_all_that_are_asked_for_with_it(server: GraphServer) -> None:
    server.troubles.barred["tagged"] = GraphError(10, "no")
    assert code(get(server, "me", fields="published_posts.limit(5){id},tagged.limit(5){id}"))
    assert "data" in get(server, "me/published_posts")
    assert code(get(server, "me/tagged")) == (10, 0)
