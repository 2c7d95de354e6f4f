"""Limits that X names wrongly, clocks that differ from X's, and money that may not be spent."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from connectors.sandbox.x_routes import Answer, problem
from monitor.errors import ConnectorError, RateLimited
from tests.connectors.desk import SINCE, Desk, questions, read
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import START, FakeClock

NOW = int(START.timestamp())
LIES = {
    "in milliseconds": str((NOW + 600) * 1000),
    "in a far year": str(NOW + 10**9),
    "beyond all years": "9" * 15,
    "long ago": "1",
    "nothing": "",
    "below zero": "-900",
}


def until_it_ends(
    x: XPlatform, cursor: str | None, **given: Any
) -> tuple[list[str], str | None, ConnectorError | None]:
    """What a poll brings, the cursor after it, and how it ends if it ends badly."""
    texts: list[str] = []
    connector = x.connect(**given)
    try:
        for batch in connector.poll(cursor, START - SINCE):
            texts, cursor = [*texts, *(m.text for m in batch.messages)], batch.cursor
    except ConnectorError as error:
        return texts, cursor, error
    finally:
        connector.close()
    return texts, cursor, None


def refused(x: XPlatform, cursor: str | None = None, **given: Any) -> ConnectorError:
    """How a poll ends that ends badly."""
    connector = x.connect(**given)
    with pytest.raises(ConnectorError) as caught:
        list(connector.poll(cursor, START - SINCE))
    connector.close()
    return caught.value


def mentions(x: XPlatform) -> str:
    return f"/2/users/{x.acme.id}/mentions"


def limited(reset: str, status: int = 429) -> Answer:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    body = problem(429, "Too Many Requests", "").body if status == 429 else {"meta": {}}
    return Answer(status, body, headers)


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("status", [200, 429])
def test_a_limit_whose_end_can_not_be_keeps_nobody_waiting_for_long(
    x: XPlatform, desk: Desk, lie: str, status: int
) -> None:
    x.customer_writes("hello")
    x.server.faults.plan("GET", mentions(x), limited(LIES[lie], status))
    desk.poll()
    desk.clock.forward(minutes=16)
    desk.polled()
    x.exchanges.clear()  # X's document would rightly complain
    assert desk.texts() == Counter(["hello"])


@pytest.mark.parametrize("ago", [0, 30, 7200])
def test_a_refusal_whose_pause_is_over_already_is_not_asked_again_at_once(
    x: XPlatform, ago: int
) -> None:
    x.server.faults.plan("GET", "/2/users/me", limited(str(NOW - ago)))
    pause = refused(x).retry_after
    assert pause is not None
    assert 30 <= pause <= 900


def test_a_day_long_limit_of_one_listing_leaves_the_account_its_pace(
    x: XPlatform, clock: FakeClock
) -> None:
    day = str(NOW + 20 * 3600)
    headers = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": day}
    x.server.faults.plan("GET", "/2/dm_events", Answer(429, limited("").body, headers))
    cursor: str | None = None
    for number in range(3):
        x.mention(f"mention {number}", at=clock.forward(minutes=1))
        found, cursor, error = until_it_ends(x, cursor, direct_messages=True)
        assert found[-1] == f"mention {number}"
        assert isinstance(error, RateLimited)
        assert error.retry_after == 60
    assert x.asked.count("GET /2/dm_events") == 1
    clock.forward(hours=20)
    assert until_it_ends(x, cursor, direct_messages=True)[2] is None


def test_a_listing_that_x_forbids_holds_up_no_other(x: XPlatform) -> None:
    x.mention("hello")
    x.server.faults.plan("GET", "/2/dm_events", problem(403, "Forbidden", "no permission"))
    found, _, error = until_it_ends(x, None, direct_messages=True)
    assert (found, "no permission" in str(error)) == (["hello"], True)
    assert error
    assert error.retry_after == 60


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=3)])
def test_a_clock_of_ours_that_runs_ahead_loses_nothing(
    x: XPlatform, clock: FakeClock, ahead: timedelta
) -> None:
    _, cursor = read(x.connect(), None)
    real, x.server.world.clock = START, lambda: real
    clock.now = START + ahead
    x.server.limits.clock = lambda: real
    _, cursor = read(x.connect(), cursor)
    real += timedelta(minutes=5)
    x.customer_writes("in between", real)
    clock.now = real
    found, _ = read(x.connect(), cursor)
    assert [message.text for message in found] == ["in between"]


def test_a_cap_ends_a_reading_that_is_under_way(x: XPlatform, clock: FakeClock) -> None:
    for number, text in enumerate(questions(350)):
        x.customer_writes(text, START - timedelta(minutes=number))
    texts, cursor, error = until_it_ends(x, None, daily_cap=1)
    assert len(texts) == 100
    assert isinstance(error, RateLimited)
    assert error.retry_after == 15 * 3600
    for _ in range(3):
        clock.forward(hours=24)
        found, cursor, _ = until_it_ends(x, cursor, daily_cap=1)
        assert len(found) < 200
        texts += found
    assert set(texts) == set(questions(350))


@pytest.mark.parametrize(
    ("seconds", "rests"), [(15 * 3600 - 1, True), (15 * 3600, False), (15 * 3600 + 1, False)]
)
def test_the_days_money_ends_with_the_second_at_midnight(
    x: XPlatform, clock: FakeClock, seconds: int, rests: bool
) -> None:
    x.customer_writes("hello")
    _, cursor = read(x.connect(), None)
    clock.forward(seconds=seconds)
    if rests:
        assert refused(x, cursor, daily_cap=0.01).retry_after == 15 * 3600 - seconds
    else:
        read(x.connect(daily_cap=0.01), cursor)


def test_who_we_are_is_asked_once_and_counted(x: XPlatform) -> None:
    cursor: str | None = None
    for _ in range(3):
        _, cursor = read(x.connect(), cursor)
    assert x.asked.count("GET /2/users/me") == 1
    assert json.loads(str(cursor))["spent"]["reads"] == {"user": 1}


def test_an_older_version_that_another_listing_still_has_is_no_edit(
    x: XPlatform, desk: Desk, clock: FakeClock
) -> None:
    post = x.world.post(x.customer(), "@acme frist")
    _, cursor = read(x.connect(search="acme"), None)

    rows = {"data": [{
        "id": post.id, "text": post.text, "author_id": post.author.id,
        "conversation_id": post.id, "edit_history_tweet_ids": [post.id],
        "created_at": "2026-11-20T09:00:00.000Z",
    }], "meta": {"result_count": 1, "newest_id": post.id, "oldest_id": post.id}}  # fmt: skip

    clock.forward(minutes=5)
    x.world.edit(post, "@acme first")
    x.server.faults.plan("GET", "/2/tweets/search/recent", Answer(200, rows))
    found, _ = read(x.connect(search="acme"), cursor)
    assert [message.text for message in found if message.text] == ["first"]
