"""The X channel against X played inside this process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.x import Exchange
from connectors.sandbox.x_routes import Answer
from tests.connectors.contract import ConnectorContract
from tests.connectors.desk import SINCE
from tests.connectors.platforms import Platform
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_document import MISSING, PATH, complaints
from tests.connectors.x_fixtures import x as x
from tests.fakes import START


class TestTwitter(ConnectorContract):
    """Everything that every channel has to prove."""

    @pytest.fixture
    def platform(self, x: XPlatform) -> Platform:
        return x


def test_every_exchange_is_judged_by_the_document_of_x_itself() -> None:
    if not PATH.exists():
        pytest.skip(MISSING)
    strange = Exchange("GET", "/2/users/7/mentions?max_results=4", "OAuth", b"", Answer(200, {}))
    assert "max_results" in "".join(complaints(strange))


def test_what_was_faultless_once_excuses_nothing_else(x: XPlatform) -> None:
    if not PATH.exists():
        pytest.skip(MISSING)
    x.customer_writes("question")
    list(x.connect().poll(None, START - SINCE))
    [mentions] = [e for e in x.exchanges if "/mentions?" in e.target]
    assert list(complaints(mentions)) == []
    body: Any = mentions.answer.body
    wrongs: list[dict[str, Any]] = [
        {"id": 5},
        {"edit_history_tweet_ids": []},
        {"created_at": "now"},
    ]
    for wrong in wrongs:
        row = body["data"][0] | wrong
        strange = replace(mentions, answer=Answer(200, {"data": [row]}))
        assert list(complaints(strange)), wrong
