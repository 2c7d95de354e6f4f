"""Whatever Facebook may answer, and whatever a cursor may say: nothing but our own errors."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.facebook.failures import failure, for_answer, for_poll
from connectors.facebook.parsing import Reader
from connectors.facebook.place import Place, Read
from connectors.facebook.usage import Usage
from connectors.facebook.values import text
from connectors.facebook.watched import Seen, missing, seen
from monitor.errors import ConnectorError, RateLimited
from monitor.message import IncomingMessage
from tests.fakes import START

pytestmark = pytest.mark.slow

READER = Reader("1", START)
FIELDS = (
    "id", "from", "to", "name", "message", "story", "parent", "created_time", "updated_time",
    "message_tags", "attachment", "attachments", "data", "type", "mime_type", "size", "url",
    "sticker", "shares", "participants", "link", "error", "code", "error_subcode", "paging",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["1", "2021-07-23T09:28:50+0000", "/x"]))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
JSON = st.recursive(
    LEAVES,
    lambda deeper: st.one_of(
        st.lists(deeper, max_size=3), st.dictionaries(st.sampled_from(FIELDS), deeper, max_size=6)
    ),
    max_leaves=25,
)
FEW = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
NODES = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=10)


@FEW
@given(NODES, NODES)
def test_any_object_is_read_as_a_message_or_as_nothing(node: Any, around: Any) -> None:
    messages = READER.comment(node, around), READER.post(node, "tag"), READER.message(node, around)
    for message in messages:
        assert message is None or isinstance(message, IncomingMessage)
        assert message is None or isinstance(json.loads(message.raw), dict)


@FEW
@given(JSON, st.integers(100, 599))
def test_any_error_leads_to_one_of_ours(result: Any, status: int) -> None:
    error = failure(result, status, None, lambda said: said)
    assert isinstance(for_poll(error), ConnectorError)
    assert isinstance(for_answer(error), ConnectorError)


@FEW
@given(st.one_of(st.text(max_size=20), JSON.map(json.dumps)))
def test_any_usage_header_is_borne(header: str) -> None:
    usage = Usage()
    usage(200, {"x-app-usage": header, "retry-after": header})
    with contextlib.suppress(RateLimited):
        usage.check()


@FEW
@given(st.one_of(st.text(max_size=20), JSON.map(json.dumps)))
def test_a_cursor_that_can_not_be_read_begins_anew(cursor: str) -> None:
    assert Place.at(cursor, START) == Place(int(START.timestamp()))


def test_a_cursor_comes_back_as_it_was() -> None:
    watched = {"1_2": {"3": Seen(6, "a")}, "t_1": {"m_1": Seen(7, "")}}
    place = Place(7, 9, {"1_2": Read(3, 4, 5)}, watched, 8)
    assert Place.at(place.cursor, datetime.max.replace(tzinfo=START.tzinfo)) == place


@FEW
@given(st.lists(NODES, max_size=4), st.lists(NODES, max_size=4))
def test_any_two_lists_are_compared(before: Any, after: Any) -> None:
    watched = seen(before, 0)
    listed = {text(node, "id"): node for node in after}
    assert set(missing(watched, listed, 0)) <= set(watched)


def test_a_source_that_is_nested_too_deep_is_cut() -> None:
    node: dict[str, Any] = {"id": "1_2", "message": "x"}
    deep: dict[str, Any] = node
    for _ in range(5000):
        deep["parent"] = deep = {"id": "1"}
    message = READER.post(node, "tag")
    assert message
    assert json.loads(message.raw)["node"]["message"] == "x"


@pytest.mark.parametrize("at", ["", "yesterday", "2021-07-23T09:28:50", "9999-12-31T23:59:59-1400"])
def test_what_has_no_time_is_kept_aside(at: str) -> None:
    message = READER.post({"id": "1_2", "message": "x", "created_time": at}, "tag")
    assert message
    assert (message.at, bool(message.problem)) == (START, True)
