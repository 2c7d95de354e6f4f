"""A poll of many slow pages: it comes to an end, and the next one goes on where it was."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.facebook.channel import FacebookChannel
from connectors.twitter.channel import TwitterChannel
from monitor.clock import Clock
from monitor.connector import Batch, Connector
from monitor.errors import ConnectorError
from tests.connectors.desk import SINCE, questions
from tests.connectors.facebook_page import TOKEN, CommentPlatform, facebook_settings
from tests.connectors.mails import surroundings
from tests.connectors.platforms import PATIENCE
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import x as x
from tests.fakes import START, FakeClock

CALL = timedelta(seconds=0.9 * PATIENCE)
CALLS_MOST = 12
X_LISTS = 800


def slow(calls: Sized) -> Clock:
    """A clock by which each of the calls so far took nearly as long as it may."""

    def now() -> datetime:
        return START + len(calls) * CALL

    return now


def interrupted(connector: Connector) -> tuple[set[str], str]:
    """What a poll brings until its time is up, and where the next one goes on."""
    batches: list[Batch] = []
    with pytest.raises(ConnectorError, match="the next one goes on there") as caught:
        batches.extend(connector.poll(None, START - SINCE))
    connector.close()
    assert not caught.value.permanent
    assert caught.value.retry_after
    return texts(batches), batches[-1].cursor


def finished(connector: Connector, cursor: str) -> set[str]:
    """What the next poll brings, which comes to its end."""
    batches = list(connector.poll(cursor, START))
    connector.close()
    return texts(batches)


def texts(batches: Iterable[Batch]) -> set[str]:
    return {message.text for batch in batches for message in batch.messages}


def test_x_holds_no_poll_longer_than_ten_calls_may_last(x: XPlatform) -> None:
    for text in questions(X_LISTS):
        x.customer_writes(text)
    settings = x.settings(watch_own=False)
    connector = TwitterChannel().connect(settings, surroundings(slow(x.exchanges)))
    first, cursor = interrupted(connector)
    assert len(x.exchanges) <= CALLS_MOST
    x.exchanges.clear()  # so many take long to be judged
    rest = finished(x.connect(watch_own=False), cursor)
    x.exchanges.clear()
    assert first
    assert first | rest == set(questions(X_LISTS))


def test_facebook_holds_no_poll_longer_than_ten_calls_may_last(
    tmp_path: Path, clock: FakeClock
) -> None:
    with ExitStack() as stack:
        platform = CommentPlatform(tmp_path, clock, stack)
        for text in questions(15):
            post = platform.page.publish("News", START)
            platform.page.comment(platform.customer(), text, post, START)
        settings = facebook_settings(tmp_path, platform.server.url, TOKEN, PATIENCE)
        asked = platform.server.asked
        connector = FacebookChannel().connect(settings, surroundings(slow(asked)))
        first, cursor = interrupted(connector)
        assert len(asked) <= CALLS_MOST
        rest = finished(platform.connect(), cursor)
    assert first
    assert first | rest == set(questions(15))
