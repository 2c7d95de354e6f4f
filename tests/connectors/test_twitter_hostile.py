"""Whatever X may list, it is understood or shown to a person, fast, and nothing escapes."""

from __future__ import annotations

import json
import time
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.twitter.posts import Post, received, written
from connectors.twitter.rows import Person
from connectors.twitter.state import State
from monitor.intake import storable
from tests.conftest import SHARED

pytestmark = pytest.mark.slow

US = Person("7000000000", "acme", "Acme")
FIELDS = (
    "id", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities",
    "in_reply_to_user_id", "note_tweet", "note_post", "referenced_posts", "referenced_tweets",
    "text", "media",
)  # fmt: skip
IDS = st.one_of(st.integers(0, 10**20).map(str), st.text(max_size=5))
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), IDS, st.text(), st.just("0001-01-01T00:00Z")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["id", "type", "urls", "mentions", "url", "expanded_url", "text", "alt_text"]
            ),
            inner,
        ),
    ),
    max_leaves=8,
)
ROWS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(
    lambda row: {"id": "2123702889477046273", "author_id": "12"} | row
)


@given(ROWS)
def test_any_row_is_understood(row: dict[str, Any]) -> None:
    post = Post(row)
    if post.id and post.author:
        message = storable(received(post, US, {}, "mentions"))
        assert message.at.tzinfo is UTC
        json.loads(message.raw)
        written(post, US, "own", {post.id: post})


def texts() -> list[str]:
    path = SHARED / "data" / "hostile-strings.json"
    if not path.exists():
        pytest.skip("the hostile strings are not there (hostile-strings.json)")
    found: list[Any] = []
    todo = [json.loads(path.read_text("utf-8"))]
    while todo:
        value = todo.pop()
        found.append(value)
        todo += value if isinstance(value, list) else ()
        todo += value.values() if isinstance(value, dict) else ()
    return [value for value in found if isinstance(value, str)]


def test_hostile_texts_come_through_and_names_are_kept() -> None:
    for text in [*texts(), "\ud800", "a\0b"]:
        row = {"id": "2123702889477046273", "author_id": "12", "text": text}
        state = State()
        state.know([Person("12", text, text)])
        message = received(Post(row), US, State.load(state.dump()).people, "mentions")
        assert json.loads(message.raw)["row"]["text"] == text
        assert text.strip() in message.author.name
        storable(message).text.encode()


@pytest.mark.parametrize("text", ["@a " * 100_000, "&amp;" * 100_000, "https://t.co/" * 50_000])
def test_a_bomb_of_a_text_is_read_in_time(text: str) -> None:
    links = [{"url": "https://t.co/", "expanded_url": "https://x.test/" + "y" * 1000}] * 1000
    row = {"id": "1", "author_id": "2", "text": text, "entities": {"urls": links}}
    begun = time.process_time()
    message = received(Post(row), US, {}, "mentions")
    assert time.process_time() - begun < 1
    assert len(message.text) < 2 * len(text) + 100_000
