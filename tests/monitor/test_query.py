"""What people type to look for something, read as they mean it or refused with what they can."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.query import LONGEST, Query, QueryError, parse_query
from tests.fakes import START


def parse(text: str) -> Query:
    return parse_query(text, START, UTC)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("red parcel", Query(words=("red", "parcel"))),
        ('"red parcel"', Query(words=("red", "parcel"))),
        ("from:bob", Query(senders=("bob",))),
        ("from:bob@shop.test", Query(senders=("bob", "shop", "test"))),
        ('tag:"big deal" tag:vip', Query(tags=("big deal", "vip"))),
        ("account:Support channel:X", Query(accounts=("Support",), channels=("twitter",))),
        ("is:overdue IS:Lead", Query(flags=frozenset({"overdue", "lead"}))),
        ("who:ann", Query(holder="ann")),
        ("from: tag:", Query()),
        ("subject:1 http://x.test", Query(words=("subject", "1", "http", "x", "test"))),
        ("before:2026-11-20", Query(before=datetime(2026, 11, 20, tzinfo=UTC))),
        ("after:yesterday", Query(after=datetime(2026, 11, 19, tzinfo=UTC))),
        ("after:2h", Query(after=datetime(2026, 11, 20, 7, tzinfo=UTC))),
    ],
)
def test_it_is_read_as_it_is_meant(text: str, query: Query) -> None:
    assert parse(text) == query


def test_a_day_begins_where_the_desk_is() -> None:
    query = parse_query("before:2026-11-20", START, ZoneInfo("America/New_York"))
    assert query.before == datetime(2026, 11, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("is:late", "overdue"),
        ("before:soon", "yesterday"),
        ("after:2026-13-40", "2026-11-20"),
        ("after:99999999999d", "7d"),
        ("x" * (LONGEST + 1), str(LONGEST)),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(text: str, hint: str) -> None:
    with pytest.raises(QueryError, match=hint):
        parse(text)


def test_the_last_word_is_unfinished_until_something_follows_it() -> None:
    for text, unfinished in (("zeb", True), ("zeb ", False), ("zeb is:lead", False), ("", False)):
        assert parse_query(text, START, UTC, unfinished=True).unfinished is unfinished


@given(st.text(max_size=200))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    with suppress(QueryError):
        assert isinstance(parse(text), Query)


@pytest.mark.parametrize(
    ("text", "listable"),
    [("is:waiting channel:x", True), ("is:snoozed", True), ("is:waiting word", False),
     ("is:answered", False), ("tag:vip", False), ("is:waiting after:2h", False)],
)  # fmt: skip
def test_what_waits_is_a_list_to_be_paged(text: str, listable: bool) -> None:
    assert parse(text).listable is listable
